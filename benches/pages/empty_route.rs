//! A route of axum that answers nothing: what the page of connectors is measured against by `benches/pages`.

use std::io;

use axum::Router;
use axum::routing::get;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use tokio::net::TcpListener;

fn main() -> io::Result<()> {
    // `cargo bench` runs every benchmark there is: this one only serves whoever asks it to.
    if !std::env::args().any(|argument| argument == "--serve") {
        return Ok(());
    }
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_io()
        .enable_time()
        .build()?;
    runtime.block_on(serve())
}

/// Answers for ever, on the loopback port that its one line of output tells.
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
