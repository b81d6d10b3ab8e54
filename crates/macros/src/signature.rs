//! Signatures of native functions: Python's parameter lists, with converters for annotations.
//!
//! ```text
//! signature  = "(" [item ("," item)*] ")"
//! item       = "/" | "*" | "*" name | "**" name ["?"] | name [":" converter ["?"]] ["=" default]
//! ```
//!
//! The order of items is Python's. `*_, **_` takes further arguments that the function ignores;
//! `**kwargs?` passes None instead of an empty dict; `?` behind a converter lets None pass. A
//! default is only shown (and bound by name, see `bind.rs`): the function gets *unbound*.

use proc_macro2::{Ident, Span, TokenStream};
use quote::quote;

/// The converters of `native::Conv`, by the name that a signature gives them.
const CONVERTERS: &[(&str, &str)] = &[
    ("index", "Index"),
    ("ssize", "Ssize"),
    ("float", "Float"),
    ("complex", "Complex"),
    ("truth", "Truth"),
    ("str", "Str"),
    ("int", "Int"),
    ("slice", "Slice"),
    ("bound", "Bound"),
    ("buffer", "Buffer"),
];

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Debug)]
pub enum Kind {
    PositionalOnly,
    Positional,
    KeywordOnly,
}

pub struct Param {
    pub name: String,
    /// A variant of `native::Conv`.
    pub converter: &'static str,
    pub nullable: bool,
    pub default: Option<String>,
    pub kind: Kind,
}

#[derive(Default)]
pub struct Signature {
    pub params: Vec<Param>,
    pub varargs: Option<String>,
    pub varkw: Option<String>,
    /// `**kwargs?`
    pub no_empty_dict: bool,
    /// `*_, **_`
    pub ignores_rest: bool,
}

type Result<T> = std::result::Result<T, String>;

impl Signature {
    pub fn parse(text: &str) -> Result<Signature> {
        let inner = text.strip_prefix('(').and_then(|t| t.strip_suffix(')'));
        let inner = inner.ok_or("a signature stands in parentheses")?;
        let mut s = Signature::default();
        let (mut slash, mut star) = (false, false);
        if !inner.trim().is_empty() {
            for item in split(inner) {
                s.item(item.trim(), &mut slash, &mut star)?;
            }
        }
        if star && s.varargs.is_none() && s.params.iter().all(|p| p.kind != Kind::KeywordOnly) {
            return Err("named parameters must follow a bare *".into());
        }
        let underscore = |n: &Option<String>| n.as_deref() == Some("_");
        s.ignores_rest = underscore(&s.varargs) && underscore(&s.varkw);
        if !s.ignores_rest && (underscore(&s.varargs) || underscore(&s.varkw)) {
            return Err("arguments are ignored by *_ and **_ together".into());
        }
        if s.ignores_rest && s.params.len() != 1 {
            return Err("*_, **_ come behind one parameter".into());
        }
        Ok(s)
    }

    fn item(&mut self, item: &str, slash: &mut bool, star: &mut bool) -> Result<()> {
        if self.varkw.is_some() {
            return Err("nothing follows **".into());
        }
        match item {
            "" => Err("a parameter is missing".into()),
            "/" if *slash || *star => Err("/ stands once, before *".into()),
            "/" if self.params.is_empty() => Err("/ follows a parameter".into()),
            "/" => {
                *slash = true;
                self.params.iter_mut().for_each(|p| p.kind = Kind::PositionalOnly);
                Ok(())
            }
            "*" if *star => Err("* stands once".into()),
            "*" => {
                *star = true;
                Ok(())
            }
            _ if item.starts_with("**") => {
                let name = &item[2..];
                self.no_empty_dict = name.ends_with('?');
                self.varkw = Some(self.name(name.trim_end_matches('?'))?);
                Ok(())
            }
            _ if item.starts_with('*') => {
                if std::mem::replace(star, true) {
                    return Err("* stands once".into());
                }
                self.varargs = Some(self.name(&item[1..])?);
                Ok(())
            }
            _ => self.param(item, if *star { Kind::KeywordOnly } else { Kind::Positional }),
        }
    }

    fn param(&mut self, item: &str, kind: Kind) -> Result<()> {
        let (head, default) = match item.split_once('=') {
            Some((head, default)) if default.trim().is_empty() => {
                return Err(format!("a default is missing: {head}="));
            }
            Some((head, default)) => (head.trim(), Some(default.trim().to_string())),
            None => (item, None),
        };
        let (name, annotation) = match head.split_once(':') {
            Some((name, annotation)) => (name.trim(), Some(annotation.trim())),
            None => (head, None),
        };
        let name = self.name(name)?;
        let nullable = annotation.is_some_and(|a| a.ends_with('?'));
        let converter = match annotation.map(|a| a.trim_end_matches('?')) {
            None => "None",
            Some(a) => match CONVERTERS.iter().find(|(n, _)| *n == a) {
                Some((_, variant)) => variant,
                None => return Err(format!("no converter is named {a}")),
            },
        };
        let before = self.params.last().is_some_and(|p| p.default.is_some());
        if kind != Kind::KeywordOnly && default.is_none() && before {
            return Err(format!("{name} has no default, but the parameter before it has"));
        }
        self.params.push(Param { name, converter, nullable, default, kind });
        Ok(())
    }

    /// A name, which must be new.
    fn name(&self, name: &str) -> Result<String> {
        let is_name = !name.is_empty()
            && !name.starts_with(|c: char| c.is_ascii_digit())
            && name.chars().all(|c| c == '_' || c.is_alphanumeric());
        if !is_name {
            return Err(format!("not the name of a parameter: {name:?}"));
        }
        let names = self.params.iter().map(|p| &p.name).chain(&self.varargs);
        if name != "_" && names.into_iter().any(|n| n == name) {
            return Err(format!("two parameters are named {name}"));
        }
        Ok(name.to_string())
    }

    /// Names of all values that the function receives, in order.
    pub fn names(&self) -> Vec<&str> {
        let params = self.params.iter().map(|p| p.name.as_str());
        params.chain(self.varargs.as_deref()).chain(self.varkw.as_deref()).collect()
    }

    /// `__text_signature__`: without converters, the receiver marked as bound.
    pub fn text(&self) -> String {
        let mut items = Vec::new();
        let mut kind = Kind::PositionalOnly;
        for (i, p) in self.params.iter().enumerate() {
            if kind == Kind::PositionalOnly && p.kind != kind && i > 0 {
                items.push("/".to_string());
            }
            if p.kind == Kind::KeywordOnly && kind != p.kind {
                items.push(self.star());
            }
            kind = p.kind;
            let name = match (i, p.name.as_str()) {
                (0, "self") => "$self",
                (0, "cls") => "$type",
                (_, name) => name,
            };
            items.push(match &p.default {
                Some(default) => format!("{name}={default}"),
                None => name.to_string(),
            });
        }
        if kind == Kind::PositionalOnly && !self.params.is_empty() {
            items.push("/".to_string());
        }
        if self.varargs.is_some() && kind != Kind::KeywordOnly {
            items.push(self.star());
        }
        match self.varkw.as_deref() {
            Some("_") => items.push("**kwargs".to_string()),
            Some(name) => items.push(format!("**{name}")),
            None => {}
        }
        format!("({})", items.join(", "))
    }

    fn star(&self) -> String {
        match self.varargs.as_deref() {
            Some("_") => "*args".to_string(),
            name => format!("*{}", name.unwrap_or("")),
        }
    }

    /// A `native::Signature`.
    pub fn tokens(&self) -> TokenStream {
        let params = self.params.iter().map(|p| {
            let (name, nullable, optional) = (&p.name, p.nullable, p.default.is_some());
            let converter = Ident::new(p.converter, Span::call_site());
            let kind = Ident::new(&format!("{:?}", p.kind), Span::call_site());
            quote!(::stackless_runtime::native::Param {
                name: #name,
                conv: ::stackless_runtime::native::Conv::#converter,
                kind: ::stackless_runtime::native::ParamKind::#kind,
                nullable: #nullable,
                optional: #optional,
            })
        });
        let (varargs, varkw) = (self.varargs.is_some(), self.varkw.is_some());
        let (no_empty_dict, ignores_rest) = (self.no_empty_dict, self.ignores_rest);
        let text = self.text();
        quote!(::stackless_runtime::native::Signature::new(
            &[#(#params),*],
            ::stackless_runtime::native::Rest {
                varargs: #varargs,
                varkw: #varkw,
                no_empty_dict: #no_empty_dict,
                ignored: #ignores_rest,
            },
            #text,
        ))
    }
}

/// The items between the commas that stand outside of brackets and quotes.
fn split(text: &str) -> Vec<&str> {
    let (mut items, mut depth, mut start, mut quote) = (Vec::new(), 0, 0, None);
    for (i, c) in text.char_indices() {
        match (c, quote) {
            (c, Some(q)) if c == q => quote = None,
            (_, Some(_)) => {}
            ('\'' | '"', None) => quote = Some(c),
            ('(' | '[' | '{' | '<', None) => depth += 1,
            (')' | ']' | '}' | '>', None) => depth -= 1,
            (',', None) if depth == 0 => {
                items.push(&text[start..i]);
                start = i + 1;
            }
            _ => {}
        }
    }
    items.push(&text[start..]);
    items
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(sig: &str) -> String {
        Signature::parse(sig).map_or_else(|e| format!("error: {e}"), |s| s.text())
    }

    #[test]
    fn texts() {
        assert_eq!(text("()"), "()");
        assert_eq!(text("(self, /)"), "($self, /)");
        assert_eq!(text("(cls, /, *_, **_)"), "($type, /, *args, **kwargs)");
        assert_eq!(
            text("(a: index, b=(1, 2), /, c: str='a,b', *, d: truth=False)"),
            "(a, b=(1, 2), /, c='a,b', *, d=False)"
        );
        assert_eq!(text("(*values, key=None, **kwargs?)"), "(*values, key=None, **kwargs)");
        assert_eq!(text("(self, /, *args)"), "($self, /, *args)");
        assert_eq!(text("(a, *, b)"), "(a, *, b)");
    }

    #[test]
    fn errors() {
        for (sig, error) in [
            ("a", "a signature stands in parentheses"),
            ("(a,, b)", "a parameter is missing"),
            ("(a=1, b)", "b has no default, but the parameter before it has"),
            ("(a, a)", "two parameters are named a"),
            ("(a, *, /)", "/ stands once, before *"),
            ("(/)", "/ follows a parameter"),
            ("(a, *)", "named parameters must follow a bare *"),
            ("(*a, *b)", "* stands once"),
            ("(**a, b)", "nothing follows **"),
            ("(a: flaot)", "no converter is named flaot"),
            ("(1a)", "not the name of a parameter: \"1a\""),
            ("(a=)", "a default is missing: a="),
            ("(a, *_)", "arguments are ignored by *_ and **_ together"),
        ] {
            assert_eq!(text(sig), format!("error: {error}"));
        }
    }
}
