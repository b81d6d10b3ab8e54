//! `#[derive(Payload)]`: the Rust part of a native type. See the macro's text in `lib.rs`.

use proc_macro2::{Ident, Span, TokenStream};
use quote::quote;
use syn::{Data, DataStruct, DeriveInput, Error, Member, Path, Result, Token, Type};

#[derive(Default)]
enum Clear {
    #[default]
    Nothing,
    All,
    Fields(Vec<Member>),
    Method(Path),
}

#[derive(Default)]
struct Options {
    layout: Option<Ident>,
    leaf: bool,
    clear: Clear,
}

fn options(input: &DeriveInput) -> Result<Options> {
    let mut options = Options::default();
    for attr in input.attrs.iter().filter(|a| a.path().is_ident("payload")) {
        attr.parse_nested_meta(|meta| {
            if meta.path.is_ident("layout") {
                options.layout = Some(meta.value()?.parse()?);
            } else if meta.path.is_ident("leaf") {
                options.leaf = true;
            } else if meta.path.is_ident("clear") && meta.input.peek(Token![=]) {
                options.clear = Clear::Method(meta.value()?.parse()?);
            } else if meta.path.is_ident("clear") && meta.input.peek(syn::token::Paren) {
                let content;
                syn::parenthesized!(content in meta.input);
                let fields =
                    content.parse_terminated(<Member as syn::parse::Parse>::parse, Token![,])?;
                options.clear = Clear::Fields(fields.into_iter().collect());
            } else if meta.path.is_ident("clear") {
                options.clear = Clear::All;
            } else {
                return Err(meta.error("one of layout, leaf, clear"));
            }
            Ok(())
        })?;
    }
    Ok(options)
}

/// Members that may own values, with their types: all but those marked `#[NAME(foreign)]`.
fn owning<'a>(data: &'a DataStruct, name: &str) -> Result<Vec<(Member, &'a Type)>> {
    let mut owning = Vec::new();
    for (field, member) in data.fields.iter().zip(data.fields.members()) {
        let mut foreign = false;
        for attr in field.attrs.iter().filter(|a| a.path().is_ident(name)) {
            attr.parse_nested_meta(|meta| {
                foreign |= meta.path.is_ident("foreign");
                if foreign { Ok(()) } else { Err(meta.error("a field may be foreign")) }
            })?;
        }
        if !foreign {
            owning.push((member, &field.ty));
        }
    }
    Ok(owning)
}

fn structure(input: &DeriveInput) -> Result<&DataStruct> {
    if !input.generics.params.is_empty() {
        return Err(Error::new_spanned(&input.generics, "parameters are not served"));
    }
    match &input.data {
        Data::Struct(data) => Ok(data),
        _ => Err(Error::new_spanned(input, "only for structs")),
    }
}

/// `#[derive(Trace)]`: part of a payload.
pub fn trace(input: TokenStream) -> Result<TokenStream> {
    let input: DeriveInput = syn::parse2(input)?;
    let (members, types): (Vec<_>, Vec<_>) =
        owning(structure(&input)?, "trace")?.into_iter().unzip();
    let name = &input.ident;
    Ok(quote! {
        // SAFETY: every field that may own values reports each of them once, by its `Trace`.
        #[allow(unsafe_code)]
        unsafe impl ::stackless_runtime::object::Trace for #name {
            const OWNS: bool = false #(|| <#types as ::stackless_runtime::object::Trace>::OWNS)*;
            fn trace(&self, visit: &mut dyn FnMut(&::stackless_runtime::value::Value)) {
                #(::stackless_runtime::object::Trace::trace(&self.#members, visit);)*
            }
        }
    })
}

pub fn expand(input: TokenStream) -> Result<TokenStream> {
    let input: DeriveInput = syn::parse2(input)?;
    let data = structure(&input)?;
    let options = options(&input)?;
    let Some(layout) = &options.layout else {
        return Err(Error::new(Span::call_site(), "#[payload(layout = NAME)] is missing"));
    };
    let (owning, types): (Vec<_>, Vec<_>) = owning(data, "payload")?.into_iter().unzip();
    let (name, leaf) = (&input.ident, options.leaf);
    let cleared = match options.clear {
        Clear::Nothing => quote!(),
        Clear::All => quote!(#(::stackless_runtime::object::Trace::give_up(&self.#owning, vm);)*),
        Clear::Fields(fields) => {
            quote!(#(::stackless_runtime::object::Trace::give_up(&self.#fields, vm);)*)
        }
        Clear::Method(method) => quote!(Self::#method(self, vm);),
    };
    let visits = if leaf {
        // Checked when the crate is built: no field of a leaf owns values.
        quote!(const { #(assert!(!<#types as ::stackless_runtime::object::Trace>::OWNS));* })
    } else {
        quote!(#(::stackless_runtime::object::Trace::trace(&self.#owning, visit);)*)
    };
    Ok(quote! {
        // SAFETY: every field that may own values reports each of them once, by its `Trace`.
        #[allow(unsafe_code)]
        unsafe impl ::stackless_runtime::object::Payload for #name {
            const LAYOUT: u16 = ::stackless_runtime::layout::#layout;
            const LEAF: bool = #leaf;
            fn traverse(&self, visit: &mut dyn FnMut(&::stackless_runtime::value::Value)) {
                let _ = &visit;
                #visits
            }
            fn clear(&self, vm: &mut ::stackless_runtime::Vm) {
                let _ = &vm;
                #cleared
            }
        }
    })
}
