//! The rejects of a run as a file for spreadsheets: semicolons, byte-order mark, as a French Excel opens them.

use std::fmt::Write;
use std::sync::Arc;

use axum::body::{Body, Bytes};
use axum::extract::{Path, RawQuery, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::Response;
use http_body_util::channel::{Channel, Sender};

use super::app::App;
use super::fields::Fields;
use super::pages::{reject_cells, reject_titles};
use super::queries::words;
use super::refusal::Refusal;
use super::reply::with_type;
use crate::connectors::Words;
use crate::error::Error;
use crate::export::defused;
use crate::json::RejectsAnswer;

/// Rows read from the database at a time: memory does not grow with their number.
const ROWS: u64 = 1000;

/// The mark by which Excel recognises UTF-8.
const MARK: &str = "\u{feff}";

/// `GET /connectors/<name>/rejects.csv`
pub(super) async fn rejects(
    State(app): State<Arc<App>>,
    Path(name): Path<String>,
    RawQuery(query): RawQuery,
) -> std::result::Result<Response, Refusal> {
    let fields = Fields::of_query(query.as_deref());
    let run_id = fields.run_id("run")?;
    let (first, words) = app
        .off_thread(move |app| begin(app, &name, run_id))
        .await??;
    let file_name = format!(
        "attachment; filename=\"rejets-{}-{}.csv\"",
        first.connector_name,
        first.run_id.unwrap_or_default()
    );
    let (sender, body) = Channel::<Bytes, Error>::new(1);
    tokio::spawn(async move {
        // Fails when the client has left or the database cannot be read: the body ends early, which clients notice.
        let _ = send(&app, first, words, sender).await;
    });
    let mut response = with_type(StatusCode::OK, "text/csv; charset=utf-8", Body::new(body));
    if let Ok(value) = HeaderValue::from_str(&file_name) {
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_DISPOSITION, value);
    }
    Ok(response)
}

/// The first rows, and the headings of their columns.
fn begin(
    app: &App,
    name: &str,
    run_id: Option<i64>,
) -> std::result::Result<(RejectsAnswer, Words), Refusal> {
    let queries = app.queries().map_err(|error| Refusal::unusable(&error))?;
    let first = queries.rejects(name, run_id, ROWS, 0);
    let first = first.map_err(|error| Refusal::about_one(&error))?;
    Ok((first, words(&queries, name)))
}

/// The body did not reach its end.
struct Cut;

async fn send(
    app: &Arc<App>,
    first: RejectsAnswer,
    words: Words,
    mut sender: Sender<Bytes, Error>,
) -> std::result::Result<(), Cut> {
    let mut text = String::from(MARK);
    line(&mut text, &reject_titles(words));
    let mut page = first;
    loop {
        for reject in &page.rejects {
            line(&mut text, &reject_cells(reject));
        }
        let data = Bytes::from(std::mem::take(&mut text));
        sender.send_data(data).await.map_err(|_| Cut)?;
        let next = page.offset.saturating_add(page.rejects.len() as u64);
        if page.rejects.is_empty() || next >= page.total {
            return Ok(());
        }
        let (name, run_id) = (page.connector_name, page.run_id);
        let read = move |app: &App| app.queries()?.rejects(&name, run_id, ROWS, next);
        page = match app.off_thread(read).await {
            Ok(Ok(page)) => page,
            Ok(Err(error)) | Err(error) => {
                error.log(None);
                sender.abort(error);
                return Err(Cut);
            }
        };
    }
}

/// Writes a line (RFC 4180, with semicolons). No cell is a formula.
fn line(text: &mut String, cells: &[&str; 6]) {
    for (at, cell) in cells.iter().enumerate() {
        let cell = defused(cell);
        let quote = if cell.contains(['"', ';', '\n', '\r']) {
            "\""
        } else {
            ""
        };
        let separator = if at > 0 { ";" } else { "" };
        let content = cell.replace('"', "\"\"");
        // Writing to a text cannot fail.
        let _ = write!(text, "{separator}{quote}{content}{quote}");
    }
    text.push_str("\r\n");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formulas_are_text_and_separators_are_quoted() {
        for (cell, written) in [
            ("vente", "vente"),
            ("=1+1", "'=1+1"),
            ("@SUM(A1)", "'@SUM(A1)"),
            ("-12,50", "'-12,50"),
            ("-1+cmd|' /C calc'!A0", "'-1+cmd|' /C calc'!A0"),
            ("\t=1", "'\t=1"),
            ("a;b", "\"a;b\""),
            ("dit \"vu\"", "\"dit \"\"vu\"\"\""),
            ("=A1;\n", "\"'=A1;\n\""),
            ("", ""),
        ] {
            let mut text = String::new();
            line(&mut text, &[cell, "", "", "", "", "fin"]);
            assert_eq!(text, format!("{written};;;;;fin\r\n"));
        }
    }
}
