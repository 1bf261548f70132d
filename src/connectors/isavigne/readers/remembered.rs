//! A cache of one word, for columns that repeat a few words a million times.

/// The last word of a column and its meaning.
#[derive(Debug, Default)]
pub(super) struct Remembered<T> {
    word: String,
    meaning: T,
}

impl<T: Copy> Remembered<T> {
    /// The meaning of `word`: computed only when it differs from the last word.
    pub(super) fn of(&mut self, word: &str, ask: impl Fn(&str) -> T) -> T {
        if self.word != word || word.is_empty() {
            self.meaning = ask(word);
            word.clone_into(&mut self.word);
        }
        self.meaning
    }
}
