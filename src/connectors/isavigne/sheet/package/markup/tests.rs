use super::*;

/// Pieces found in `text`, read in blocks of so many bytes: names of opening tags, and bytes of text.
fn found(text: &str, block: usize) -> (Vec<String>, usize, u64) {
    let mut markup = Markup::default();
    let (mut names, mut texts) = (Vec::new(), 0);
    for block in text.as_bytes().chunks(block) {
        let look = markup.look(block, |_, found| {
            match found {
                Found::Text(length) => texts += length,
                Found::Open { name, .. } => {
                    names.push(String::from_utf8_lossy(name).into_owned());
                }
                Found::Definition => return Err(()),
            }
            Ok(())
        });
        assert!(look.is_ok(), "{text}");
    }
    (names, texts, markup.depth())
}

#[test]
fn pieces_are_those_of_the_parser_wherever_blocks_end() {
    let text = "<?xml version='1.0'?><x:sst a='>' b=\"<'\"><si><t>a&gt;b</t></si><!-- <si> -> --x -->\
        <si /><![CDATA[<si>]]]]><r\n/><!----></x:sst>";
    for block in 1..text.len() {
        let (names, texts, depth) = found(text, block);
        assert_eq!(names, ["sst", "si", "t", "si", "r"], "{block}");
        assert_eq!(depth, 0, "{block}");
        assert!((6..=30).contains(&texts), "{block}: {texts}");
    }
}

/// The parser defines the pieces: for any bytes, the same opening tags are found.
#[test]
fn whatever_the_bytes_tags_are_those_of_the_parser() {
    use proptest::prelude::*;
    let bits = prop::sample::select(vec![
        "<",
        ">",
        "/",
        "!",
        "-",
        "--",
        "[",
        "]",
        "]]",
        "?",
        "'",
        "\"",
        "a",
        "x:b",
        " ",
        "=",
        "&",
        "<a>",
        "</a>",
        "<!--",
        "-->",
        "<![CDATA[",
        "]]>",
        "<?",
        "?>",
    ]);
    let texts = prop::collection::vec(bits, 0..30).prop_map(|bits| bits.concat());
    proptest!(ProptestConfig::with_cases(4000), |(text in texts, block in 1_usize..40)| {
        let parsed = parsed(&text);
        let mut markup = Markup::default();
        let mut names = Vec::new();
        for block in text.as_bytes().chunks(block) {
            let _ = markup.look(block, |_, found| {
                if let Found::Open { name, .. } = found {
                    names.push(String::from_utf8_lossy(name).into_owned());
                }
                if matches!(found, Found::Definition) { Err(()) } else { Ok(()) }
            });
        }
        prop_assert!(names.len() >= parsed.len(), "{text}: {names:?} {parsed:?}");
        for (name, parsed) in names.iter().zip(&parsed) {
            prop_assert!(name == parsed || name.is_empty(), "{text}: {name} {parsed}");
        }
    });
}

/// The opening tags that the parser finds before an error.
fn parsed(text: &str) -> Vec<String> {
    use quick_xml::events::Event;
    let mut reader = quick_xml::Reader::from_reader(text.as_bytes());
    let config = reader.config_mut();
    config.check_end_names = false;
    config.check_comments = false;
    config.expand_empty_elements = true;
    let (mut names, mut buffer) = (Vec::new(), Vec::new());
    loop {
        buffer.clear();
        match reader.read_event_into(&mut buffer) {
            Ok(Event::Start(tag)) => names.push(tag.local_name().as_ref().to_owned()),
            Ok(Event::Eof) | Err(_) => return names,
            Ok(_) => {}
        }
    }
}
