//! An axum route with an empty response: the baseline for the page of connectors in `benches/pages`.

use std::io;

use axum::Router;
use axum::routing::get;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use tokio::net::TcpListener;

fn main() -> io::Result<()> {
    // `cargo bench` runs every benchmark: this one only serves with `--serve`.
    if !std::env::args().any(|argument| argument == "--serve") {
        return Ok(());
    }
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_io()
        .enable_time()
        .build()?;
    runtime.block_on(serve())
}

/// Serves until killed, on the loopback port that it prints on one line.
async fn serve() -> io::Result<()> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    println!("http://{}/", listener.local_addr()?);
    let routes = Router::new().route("/", get(async || ()));
    let service = TowerToHyperService::new(routes);
    loop {
        let (stream, _) = listener.accept().await?;
        stream.set_nodelay(true)?;
        let connection = http1::Builder::new()
            .timer(TokioTimer::new())
            .serve_connection(TokioIo::new(stream), service.clone());
        tokio::spawn(connection);
    }
}
