//! The instruction set, code objects, their encodings, the disassembler and the verifier.
//! Depends on no other part, so compiler, runtime and tools share one truth.

mod bound;
pub mod code;
pub mod dis;
pub mod encode;
pub mod image;
pub mod isa;
mod lazy;
pub mod stack;
mod text;
pub mod verify;

pub use code::{Code, Const, Handler, HiddenLocal, LocalKind, Position, PositionTable};
pub use dis::disassemble;
pub use encode::{DecodeError, decode, decode_lazily, encode};
pub use image::{Aligned, Image};
pub use isa::{Insn, OpInfo, Operand, op};
pub use lazy::{CodeRef, LazyCode};
pub use text::{Stored, Text};
pub use verify::{VerifyError, complete, verify};
