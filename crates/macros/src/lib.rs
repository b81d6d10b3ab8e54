//! Macros that declare what Python sees of native code.
//!
//! `def!("name", "(a, /, b: ssize=0, *, key=None)", function)` is a `native::Def`: the signature is
//! Python's, parsed and checked when the crate is built, and binding, conversions, error messages and
//! `__text_signature__` come from it. `classdef!` and `staticdef!` declare class and static methods.
//! `#[derive(Payload)]` declares the Rust part of a native type: it visits every field.
//!
//! The signature's grammar stands in `signature.rs`, what a function receives in `bind.rs`.

use proc_macro::TokenStream;

mod bind;
mod payload;
mod signature;

/// A function of a module, or a method whose first parameter is `self`.
#[proc_macro]
pub fn def(input: TokenStream) -> TokenStream {
    declare(input, "Plain")
}

/// A class method: the first parameter is the class.
#[proc_macro]
pub fn classdef(input: TokenStream) -> TokenStream {
    declare(input, "Class")
}

/// A static method of a class.
#[proc_macro]
pub fn staticdef(input: TokenStream) -> TokenStream {
    declare(input, "Static")
}

fn declare(input: TokenStream, kind: &str) -> TokenStream {
    bind::expand(input.into(), kind).unwrap_or_else(syn::Error::into_compile_error).into()
}

/// `unsafe impl Payload`: `traverse` visits every field that may own values, by `object::Trace`.
///
/// `#[payload(layout = NAME)]` names the layout number; `leaf` says that no field owns values (then
/// the collector never looks at such objects); `clear` gives up what all fields own when the object
/// is part of a cycle of garbage, `clear(a, b)` what these own, `clear = method` calls
/// `fn method(&self, vm: &mut Vm)`. A field marked `#[payload(foreign)]` is not visited: it owns no
/// values, in a type that `Trace` does not know.
#[proc_macro_derive(Payload, attributes(payload))]
pub fn payload(input: TokenStream) -> TokenStream {
    payload::expand(input.into()).unwrap_or_else(syn::Error::into_compile_error).into()
}

/// `unsafe impl Trace` for a part of payloads: visits every field but those marked
/// `#[trace(foreign)]`.
#[proc_macro_derive(Trace, attributes(trace))]
pub fn trace(input: TokenStream) -> TokenStream {
    payload::trace(input.into()).unwrap_or_else(syn::Error::into_compile_error).into()
}
