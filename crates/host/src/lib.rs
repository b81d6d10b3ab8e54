//! Everything that a VM may do to the outside world goes through [`Host`].
//!
//! The command runs on [`RealHost`]; an embedded VM gets what its embedder grants, down to
//! [`DeniedHost`], which refuses all, or [`MemoryHost`], a machine of its own in memory with a
//! file tree, a fixed clock and seeded randomness. Methods take `&self` and hosts are `Sync`: OS
//! threads of one VM share theirs.
//!
//! Handles are plain numbers, as Python programs see them: a wrong one is an error (EBADF),
//! never undefined behaviour. Paths are bytes. Errors are errno numbers of the running system;
//! the runtime adds file names and picks the exception class.
//!
//! A call that may block (read, write, accept, sleep, wait) blocks the OS thread. A VM that wants
//! to park a tasklet instead sets descriptors to non-blocking mode and waits with `poll`.

mod denied;
mod error;
mod memory;
mod real;
mod text;
mod traits;
mod types;

pub use denied::DeniedHost;
pub use error::{OsError, ResolveError, Result, errno};
pub use memory::{MemoryHost, MemoryHostBuilder};
pub use real::RealHost;
pub use text::{lookup_message, signal_message};
pub use traits::*;
pub use types::*;
