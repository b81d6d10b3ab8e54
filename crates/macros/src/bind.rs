//! `def!` and its like: a declaration from a name, a signature and a function.
//!
//! The function is one of
//! - a path or an expression of type `NativeFunc`: it gets the bound values as a slice;
//! - a closure `|vm, args|`, the same;
//! - a closure `|vm, a, b, ...|` that names every parameter of the signature, `self` by `this` (or `_`,
//!   or the name with an underscore): each is bound with the Rust type of its converter.
//!
//! | converter | required | with a default | default None, or `?` |
//! |---|---|---|---|
//! | `float` | `f64` | `f64` | `Option<f64>` |
//! | `ssize` | `i64` | `i64` | `Option<i64>` |
//! | `truth` | `bool` | `bool` | |
//! | others, none | `&Value` | `Option<&Value>`: was it given? | `Option<&Value>`: given and not None? |
//! | `*args`, `**kwargs` | `&[Value]`, `&Value` | | |

use proc_macro2::{Ident, Span, TokenStream};
use quote::{format_ident, quote};
use syn::parse::{Parse, ParseStream};
use syn::{Error, Expr, ExprClosure, LitStr, Pat, Result, Token};

use crate::signature::{Param, Signature};

struct Declaration {
    name: Expr,
    sig: LitStr,
    func: Expr,
}

impl Parse for Declaration {
    fn parse(input: ParseStream) -> Result<Self> {
        let name = input.parse()?;
        input.parse::<Token![,]>()?;
        let sig = input.parse()?;
        input.parse::<Token![,]>()?;
        let func = input.parse()?;
        input.parse::<Option<Token![,]>>()?;
        Ok(Declaration { name, sig, func })
    }
}

pub fn expand(input: TokenStream, kind: &str) -> Result<TokenStream> {
    let Declaration { name, sig, func } = syn::parse2(input)?;
    let signature = Signature::parse(&sig.value()).map_err(|e| Error::new(sig.span(), e))?;
    let func = match &func {
        Expr::Closure(closure) => function(&signature, closure)?,
        other => quote!(#other),
    };
    let kind = Ident::new(kind, Span::call_site());
    let tokens = signature.tokens();
    Ok(quote!(::stackless_runtime::native::Def::new(
        #name,
        const { &#tokens },
        #func,
        ::stackless_runtime::native::DefKind::#kind,
    )))
}

/// The name that a closure gives to an input; None for `_` and other patterns.
fn name_of(pat: &Pat) -> Option<String> {
    match pat {
        Pat::Ident(p) if p.subpat.is_none() && p.by_ref.is_none() => {
            let name = p.ident.to_string();
            Some(name.strip_prefix("r#").map(str::to_string).unwrap_or(name))
        }
        _ => None,
    }
}

/// Does an input of the closure stand for a parameter of this name? `this` stands for `self`, and an
/// underscore at either end does not count.
fn stands_for(pat: &Pat, name: &str) -> bool {
    let name = if name == "self" { "this" } else { name };
    let is = |n: String| {
        n == name || n.strip_prefix('_') == Some(name) || n.strip_suffix('_') == Some(name)
    };
    matches!(pat, Pat::Wild(_)) || name_of(pat).is_some_and(is)
}

fn function(signature: &Signature, closure: &ExprClosure) -> Result<TokenStream> {
    let names = signature.names();
    let inputs: Vec<&Pat> = closure.inputs.iter().collect();
    let [vm, given @ ..] = inputs.as_slice() else {
        return Err(Error::new_spanned(closure, "the first input is the VM"));
    };
    let named = given.len() == names.len()
        && given.iter().zip(&names).all(|(pat, name)| stands_for(pat, name))
        && !matches!(given, [Pat::Wild(_)]);
    if !named {
        if given.len() == 1 {
            return Ok(quote!(#closure));
        }
        let wanted = names.join(", ");
        let message = format!("the inputs are (vm, args) or (vm, {wanted})");
        return Err(Error::new_spanned(&closure.inputs, message));
    }
    if given.is_empty() {
        let body = &closure.body;
        return Ok(quote!(|#vm, _| #body));
    }
    let slots: Vec<Ident> = (0..names.len()).map(|i| format_ident!("__value{i}")).collect();
    let mut binds = Vec::new();
    let mut used = Vec::new();
    for (i, (pat, slot)) in given.iter().zip(&slots).enumerate() {
        if matches!(pat, Pat::Wild(_)) {
            used.push(quote!(_));
            continue;
        }
        used.push(quote!(#slot));
        let value = match signature.params.get(i) {
            Some(param) => bound(param, slot),
            None if i == signature.params.len() && signature.varargs.is_some() => {
                quote!(::stackless_runtime::native::typed::rest(#slot))
            }
            None => quote!(#slot),
        };
        binds.push(quote!(let #pat = #value;));
    }
    let body = &closure.body;
    Ok(quote!(|#vm, __args| {
        let [#(#used),*] = __args else { return ::stackless_runtime::native::typed::wrong_width() };
        #(#binds)*
        #body
    }))
}

/// The expression that a parameter is bound to.
fn bound(param: &Param, slot: &Ident) -> TokenStream {
    let typed = quote!(::stackless_runtime::native::typed);
    let default = param.default.as_deref();
    let none = default == Some("None") || param.nullable;
    let read = match param.converter {
        "Float" => quote!(#typed::float),
        "Ssize" => quote!(#typed::ssize),
        "Truth" => quote!(#typed::truth),
        _ if none => return quote!(#typed::not_none(#slot)),
        _ if default.is_some() => return quote!(#slot.given()),
        _ => return quote!(#slot),
    };
    match default {
        _ if none => quote!(#typed::not_none(#slot).map(#read)),
        None => quote!(#read(#slot)),
        Some(default) => match literal(default) {
            Some(default) => quote!(#slot.given().map_or(#default, #read)),
            None => quote!(#slot.given().map(#read)),
        },
    }
}

/// A Python default as a Rust expression.
fn literal(default: &str) -> Option<TokenStream> {
    match default {
        "True" => Some(quote!(true)),
        "False" => Some(quote!(false)),
        "sys.maxsize" => Some(quote!(i64::MAX)),
        _ => default
            .parse::<TokenStream>()
            .ok()
            .filter(|_| default.starts_with(|c: char| c == '-' || c.is_ascii_digit())),
    }
}
