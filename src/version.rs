//! Which perflab this is.

/// As in Cargo.toml, with the commit it was built from: `0.1.0 at commit abc1234`, `-dirty` behind it when its sources differed from that.
/// Without the commit when it was built for development or outside of its repository.
pub const VERSION: &str = match option_env!("PERFLAB_VERSION") {
    Some(version) => version,
    None => env!("CARGO_PKG_VERSION"),
};
