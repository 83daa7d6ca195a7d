//! Words, numbers and signs of a folded text, and the chains that numbers make: `3-12-7`, `15.10.2026`.

/// A piece of text; spaces are kept because `уч 17 - 500` and `уч 17-500` differ.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Token<'a> {
    Word(&'a str),
    /// ASCII digits.
    Number(&'a str),
    /// All dashes are `-`, both slashes `/`.
    Sign(char),
    Space,
}
use Token::{Number, Sign, Space, Word};

pub fn tokens(text: &str) -> Vec<Token<'_>> {
    let mut tokens = Vec::new();
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        let (token, end) = if c.is_ascii_digit() {
            let end = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
            (Number(&rest[..end]), end)
        } else if c.is_alphabetic() {
            let end = rest.find(|c: char| !c.is_alphabetic()).unwrap_or(rest.len());
            (Word(&rest[..end]), end)
        } else {
            (sign(c), c.len_utf8())
        };
        tokens.push(token);
        rest = &rest[end..];
    }
    tokens
}

fn sign(c: char) -> Token<'static> {
    match c {
        ' ' => Space,
        '\u{2010}'..='\u{2015}' | '\u{2212}' => Sign('-'),
        '\\' => Sign('/'),
        _ => Sign(c),
    }
}

/// What may stand between a word and its number: `№`, `: `, `. `, `номер`.
fn is_filler(token: &Token<'_>) -> bool {
    matches!(token, Space | Sign('.' | ':' | '№' | '#' | '=') | Word("n" | "no" | "номер" | "ном"))
}

/// How many tokens stand between a word and its number.
pub fn filler(tokens: &[Token<'_>]) -> usize {
    tokens.iter().take_while(|token| is_filler(token)).count()
}

/// The word to which a number belongs that comes after these tokens.
pub fn word_before<'a>(tokens: &[Token<'a>]) -> Option<&'a str> {
    match tokens.iter().rfind(|token| !is_filler(token)) {
        Some(Word(word)) => Some(word),
        _ => None,
    }
}

/// Numbers joined by one and the same sign, or a single one.
#[derive(Debug)]
pub struct Chain<'a> {
    pub parts: Vec<&'a str>,
    /// A space for a single number.
    pub sign: char,
    /// How many tokens it is made of.
    pub taken: usize,
}

impl<'a> Chain<'a> {
    /// The chain that begins here. Signs with spaces around them may be mere dashes, so they join exactly three numbers or none.
    pub fn at(tokens: &[Token<'a>]) -> Option<Self> {
        let [Number(first), ..] = tokens else {
            return None;
        };
        let mut chain = Self { parts: vec![first], sign: ' ', taken: 1 };
        let Some((sign, _, width)) = joint(&tokens[1..]) else {
            return Some(chain);
        };
        let is_spaced = width > 2;
        while let Some((next, part, width)) = joint(&tokens[chain.taken..])
            && (next, width > 2) == (sign, is_spaced)
        {
            chain = Self { sign, taken: chain.taken + width, ..chain };
            chain.parts.push(part);
        }
        if is_spaced && chain.parts.len() != 3 {
            return Some(Self { parts: vec![first], sign: ' ', taken: 1 });
        }
        Some(chain)
    }

    /// As labels are compared: no zeros in front, dashes between.
    pub fn label(&self) -> String {
        self.parts.iter().map(|part| without_zeros(part)).collect::<Vec<_>>().join("-")
    }

    /// Can it be read as a day: `3/12/26`, `15.10.2026`?
    pub fn is_day(&self) -> bool {
        let [day, month, year] = self.parts[..] else {
            return false;
        };
        let is_within = |part: &str, most: u8| part.parse::<u8>().is_ok_and(|value| (1..=most).contains(&value));
        is_within(day, 31) && is_within(month, 12) && matches!(year.len(), 2 | 4)
    }
}

/// A sign, the number behind it, and how many tokens they take; a point is only a joint without spaces.
fn joint<'a>(tokens: &[Token<'a>]) -> Option<(char, &'a str, usize)> {
    match tokens {
        [Sign(sign @ ('-' | '/' | '.')), Number(part), ..] => Some((*sign, part, 2)),
        [Space, Sign(sign @ ('-' | '/')), Number(part), ..] | [Sign(sign @ ('-' | '/')), Space, Number(part), ..] => Some((*sign, part, 3)),
        [Space, Sign(sign @ ('-' | '/')), Space, Number(part), ..] => Some((*sign, part, 4)),
        _ => None,
    }
}

/// The letter of `12а`, `12-а`, and how many tokens it takes; none and 0 where there is none.
pub fn letter<'a>(tokens: &[Token<'a>]) -> (&'a str, usize) {
    match tokens {
        [Word(letter), ..] if letter.chars().count() == 1 => (letter, 1),
        [Sign('-' | '/'), Word(letter), ..] if letter.chars().count() == 1 => (letter, 2),
        _ => ("", 0),
    }
}

/// The next number of a list: `, 18`, `,18`, ` и 18`.
pub fn next_in_list<'a>(tokens: &[Token<'a>]) -> Option<(&'a str, usize)> {
    match tokens {
        [Sign(',' | ';'), Number(number), ..] => Some((number, 2)),
        [Sign(',' | ';'), Space, Number(number), ..] => Some((number, 3)),
        [Space, Word("и"), Space, Number(number), ..] => Some((number, 4)),
        _ => None,
    }
}

pub fn without_zeros(number: &str) -> &str {
    let bare = number.trim_start_matches('0');
    if bare.is_empty() { "0" } else { bare }
}
