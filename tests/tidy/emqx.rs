//! The sample of EMQX's rights: EMQX cannot run here, so its terms are read and followed by the rules of its manual. The first
//! rule that fits decides; `${username}` is the client's own name; `+` in a filter fits one level, `+` in what is asked is a
//! level like any other.

/// An Erlang term, as far as such a file holds them.
#[derive(Debug, Clone, PartialEq)]
enum Term {
    Atom(String),
    Text(String),
    Tuple(Vec<Term>),
    List(Vec<Term>),
}

/// Checks that the file says who may do what, and no more.
pub(crate) fn check(text: &str) {
    let rules = terms(text);
    for (name, action, topic, is_allowed) in [
        ("gw-1", "publish", "hearth/v1/gw-1/up/readings", true),
        ("gw-1", "publish", "hearth/v1/gw-2/up/readings", false),
        ("gw-1", "publish", "hearth/v1/gw-1/down/receipt", false),
        ("gw-1", "subscribe", "hearth/v1/gw-1/down/receipt", true),
        ("gw-1", "subscribe", "hearth/v1/gw-1/down/ask", true),
        ("gw-1", "subscribe", "hearth/v1/gw-2/down/receipt", false),
        ("gw-1", "subscribe", "hearth/v1/+/down/receipt", false),
        ("gw-1", "subscribe", "hearth/v1/gw-1/up/readings", false),
        ("gw-1", "subscribe", "#", false),
        ("hearth_server", "subscribe", "hearth/v1/+/up/+", true),
        (
            "hearth_server",
            "publish",
            "hearth/v1/gw-1/down/receipt",
            true,
        ),
        (
            "hearth_server",
            "publish",
            "hearth/v1/gw-1/up/readings",
            false,
        ),
        ("hearth_server", "subscribe", "#", false),
    ] {
        let decided = decide(&rules, name, action, topic);
        assert_eq!(decided, is_allowed, "{name} {action} {topic}");
    }
    assert_eq!(rules.last().unwrap(), &tuple(&["deny", "all"]));
}

fn tuple(atoms: &[&str]) -> Term {
    Term::Tuple(
        atoms
            .iter()
            .map(|it| Term::Atom((*it).to_owned()))
            .collect(),
    )
}

fn decide(rules: &[Term], name: &str, action: &str, topic: &str) -> bool {
    let fits = |rule: &Term| {
        let Term::Tuple(parts) = rule else {
            panic!("{rule:?} is no rule")
        };
        let permission = match &parts[0] {
            Term::Atom(word) if word == "allow" => true,
            Term::Atom(word) if word == "deny" => false,
            other => panic!("{other:?} is neither allow nor deny"),
        };
        let is_meant = is_who(&parts[1], name)
            && parts.get(2).is_none_or(|it| is_action(it, action))
            && parts.get(3).is_none_or(|it| is_topic(it, name, topic));
        is_meant.then_some(permission)
    };
    rules.iter().find_map(fits).unwrap()
}

fn is_who(who: &Term, name: &str) -> bool {
    match who {
        Term::Atom(word) if word == "all" => true,
        Term::Tuple(parts) => {
            assert_eq!(parts[0], Term::Atom("username".to_owned()));
            parts[1] == Term::Text(name.to_owned())
        }
        other => panic!("{other:?} is nobody"),
    }
}

fn is_action(term: &Term, action: &str) -> bool {
    match term {
        Term::Atom(word) if word == "publish" || word == "subscribe" => word == action,
        other => panic!("{other:?} is no action"),
    }
}

fn is_topic(term: &Term, name: &str, topic: &str) -> bool {
    let Term::List(filters) = term else {
        panic!("{term:?} is no list of topics")
    };
    filters.iter().any(|filter| {
        let Term::Text(filter) = filter else {
            panic!("{filter:?} is no topic")
        };
        let filter = filter.replace("${username}", name);
        assert!(!filter.contains(['$', '#', '%']), "{filter}");
        let (filter, topic) = (filter.split('/'), topic.split('/'));
        filter.clone().count() == topic.clone().count()
            && filter
                .zip(topic)
                .all(|(level, it)| level == "+" || level == it)
    })
}

/// Reads the terms of a file, each of which ends with a full stop.
fn terms(text: &str) -> Vec<Term> {
    let without_comments: String = text
        .lines()
        .map(|line| line.split("%%").next().unwrap_or_default())
        .collect::<Vec<_>>()
        .join("\n");
    let mut left = without_comments.trim();
    let mut found = Vec::new();
    while !left.is_empty() {
        let (term, rest) = term(left);
        left = rest.trim_start().strip_prefix('.').unwrap().trim_start();
        found.push(term);
    }
    found
}

fn term(text: &str) -> (Term, &str) {
    let text = text.trim_start();
    if let Some(rest) = text.strip_prefix('{') {
        let (parts, rest) = parts(rest, '}');
        return (Term::Tuple(parts), rest);
    }
    if let Some(rest) = text.strip_prefix('[') {
        let (parts, rest) = parts(rest, ']');
        return (Term::List(parts), rest);
    }
    if let Some(rest) = text.strip_prefix('"') {
        let (inside, rest) = rest.split_once('"').unwrap();
        assert!(!inside.contains('\\'), "{inside}");
        return (Term::Text(inside.to_owned()), rest);
    }
    let is_part = |letter: char| letter.is_ascii_lowercase() || letter == '_';
    let end = text.find(|it| !is_part(it)).unwrap_or(text.len());
    assert!(end > 0, "no term begins with {text:?}");
    (Term::Atom(text[..end].to_owned()), &text[end..])
}

fn parts(mut text: &str, close: char) -> (Vec<Term>, &str) {
    let mut found = Vec::new();
    loop {
        let (part, rest) = term(text);
        found.push(part);
        let rest = rest.trim_start();
        if let Some(rest) = rest.strip_prefix(close) {
            return (found, rest);
        }
        text = rest.strip_prefix(',').unwrap();
    }
}

#[test]
fn terms_are_read_as_erlang_writes_them() {
    let text = "%% {no, rule}.\n{allow, {username, \"a\"}, publish,\n [\"x/${username}\", \"y\"]}. {deny,all}.\n";
    let read = terms(text);
    let text = |it: &str| Term::Text(it.to_owned());
    let who = Term::Tuple(vec![Term::Atom("username".into()), text("a")]);
    let topics = Term::List(vec![text("x/${username}"), text("y")]);
    let allow = |it: &str| Term::Atom(it.to_owned());
    assert_eq!(
        read,
        [
            Term::Tuple(vec![allow("allow"), who, allow("publish"), topics]),
            tuple(&["deny", "all"])
        ]
    );
}
