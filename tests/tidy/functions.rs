//! Functions: short enough to be read in one look.

use syn::spanned::Spanned;
use syn::visit::{self, Visit};

use crate::tree::rust_files;

/// Lines of a function, signature and braces included.
const FUNCTION_LEN_MAX: usize = 70;

#[derive(Default)]
struct Lengths {
    found: Vec<(String, usize)>,
}

impl Lengths {
    fn add(&mut self, signature: &syn::Signature, whole: proc_macro2::Span) {
        let first = signature.span().start().line;
        self.found
            .push((signature.ident.to_string(), whole.end().line - first + 1));
    }
}

impl<'ast> Visit<'ast> for Lengths {
    fn visit_item_fn(&mut self, item: &'ast syn::ItemFn) {
        self.add(&item.sig, item.span());
        visit::visit_item_fn(self, item);
    }

    fn visit_impl_item_fn(&mut self, item: &'ast syn::ImplItemFn) {
        self.add(&item.sig, item.span());
        visit::visit_impl_item_fn(self, item);
    }

    fn visit_trait_item_fn(&mut self, item: &'ast syn::TraitItemFn) {
        self.add(&item.sig, item.span());
        visit::visit_trait_item_fn(self, item);
    }
}

fn lengths(text: &str) -> Vec<(String, usize)> {
    let mut lengths = Lengths::default();
    lengths.visit_file(&syn::parse_file(text).unwrap());
    lengths.found
}

#[test]
fn every_function_is_short() {
    let mut long = Vec::new();
    for (file, text) in rust_files() {
        let over = lengths(&text)
            .into_iter()
            .filter(|(_, lines)| *lines > FUNCTION_LEN_MAX);
        long.extend(
            over.map(|(name, lines)| format!("{}: {name} has {lines} lines", file.display())),
        );
    }
    assert!(
        long.is_empty(),
        "{FUNCTION_LEN_MAX} lines are allowed: {long:#?}"
    );
}

#[test]
fn a_length_is_counted_from_the_signature_to_the_brace() {
    let text = "/// Doc.\n#[test]\nfn one() {\n    two();\n}\nimpl A { fn three() {} }\n";
    assert_eq!(
        lengths(text),
        [("one".to_owned(), 3), ("three".to_owned(), 1)]
    );
}
