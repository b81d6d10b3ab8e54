//! Runs recursive passes where the native stack suffices.
//!
//! Parser, lowering, symbol table and code generator recurse over the syntax; the scan and the
//! tree's depth bound how far. Shallow work runs inline (the caller guarantees 512 KiB of
//! free stack), deep work on a thread with a large, lazily committed stack.

use crate::error::{Result, SyntaxError};

/// Depth up to which work runs on the caller's stack.
const INLINE_DEPTH: u32 = if cfg!(debug_assertions) { 12 } else { 24 };

/// Stack bytes per level of depth, and a base.
const PER_LEVEL: usize = if cfg!(debug_assertions) { 48 << 10 } else { 14 << 10 };
const BASE: usize = 16 << 20;

pub fn run<T: Send>(depth: u32, work: impl FnOnce() -> Result<T> + Send) -> Result<T> {
    if depth <= INLINE_DEPTH {
        return work();
    }
    let size = BASE + depth as usize * PER_LEVEL;
    std::thread::scope(|scope| {
        let thread = std::thread::Builder::new()
            .name("compile".into())
            .stack_size(size)
            .spawn_scoped(scope, work)
            .map_err(|_| SyntaxError::parser_stack())?;
        thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
    })
}
