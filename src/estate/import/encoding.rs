//! Which letters the bytes of a text file mean. Russian files come in five encodings and never say which.

use encoding_rs::{Encoding, IBM866, UTF_8, UTF_16BE, UTF_16LE, WINDOWS_1251};

/// UTF-8 or UTF-16 by mark or by shape; otherwise Windows-1251 or CP866, whichever reads more like Russian.
#[must_use]
pub fn detect(bytes: &[u8]) -> &'static Encoding {
    if let Some((encoding, _)) = Encoding::for_bom(bytes) {
        return encoding;
    }
    if is_utf16(bytes) {
        let zeros_first = bytes.iter().take(4096).step_by(2).filter(|byte| **byte == 0).count();
        let zeros_second = bytes.iter().take(4096).skip(1).step_by(2).filter(|byte| **byte == 0).count();
        return if zeros_first > zeros_second { UTF_16BE } else { UTF_16LE };
    }
    if std::str::from_utf8(bytes).is_ok() {
        return UTF_8;
    }
    let sample = &bytes[..bytes.len().min(1 << 20)];
    let score = |encoding: &'static Encoding| russian_score(&encoding.decode_without_bom_handling(sample).0);
    if score(IBM866) > score(WINDOWS_1251) { IBM866 } else { WINDOWS_1251 }
}

/// The text, and the label of the encoding it was in. Bytes without meaning become the replacement character.
#[must_use]
pub fn decode(bytes: &[u8]) -> (String, &'static Encoding) {
    let encoding = detect(bytes);
    (encoding.decode_with_bom_removal(bytes).0.into_owned(), encoding)
}

/// Marked as UTF-16, or with a zero in one half of most pairs: figures and separators of a table are below 256.
#[must_use]
pub fn is_utf16(bytes: &[u8]) -> bool {
    if bytes.starts_with(b"\xFF\xFE") || bytes.starts_with(b"\xFE\xFF") {
        return true;
    }
    let sample = &bytes[..bytes.len().min(4096)];
    let zeros_at = |first: usize| sample.iter().skip(first).step_by(2).filter(|byte| **byte == 0).count();
    let (even, odd) = (zeros_at(0), zeros_at(1));
    let pairs = sample.len() / 2;
    pairs > 0 && (even * 4 > pairs && odd == 0 || odd * 4 > pairs && even == 0)
}

/// How much a text looks like Russian: its frequent letters count most, letters in odd case and drawing characters count against.
fn russian_score(text: &str) -> i64 {
    let mut score = 0;
    let mut previous = ' ';
    for c in text.chars() {
        score += match c {
            'о' | 'е' | 'а' | 'и' | 'н' | 'т' | 'с' | 'р' | 'в' | 'л' => 3,
            'А'..='Я' | 'Ё' if previous.is_lowercase() => -3,
            'а'..='я' | 'ё' | 'А'..='Я' | 'Ё' => 1,
            '\0'..='\x7f' | '№' | '«' | '»' | '—' | '–' | '\u{a0}' | '°' | '“' | '”' | '…' => 0,
            _ => -3,
        };
        previous = c;
    }
    score
}

#[cfg(test)]
mod tests {
    use super::*;

    fn utf16(text: &str, is_marked: bool, bytes_of: fn(u16) -> [u8; 2]) -> Vec<u8> {
        is_marked.then_some(0xFEFF).into_iter().chain(text.encode_utf16()).flat_map(bytes_of).collect()
    }

    #[test]
    fn the_five_encodings_of_russian_files_are_told_apart() {
        for text in
            ["ресурс;номер счётчика;дата\r\nвода;78021324;25.11.2026;2603,412;\r\n", "ФИО;АДРЕС\nКИСЕЛЁВА АННА;3-12-7\n", "уч;тел\n1;2\n"]
        {
            let one_byte = |encoding: &'static Encoding| encoding.encode(text).0.into_owned();
            assert_eq!(decode(text.as_bytes()), (text.to_owned(), UTF_8));
            assert_eq!(decode(format!("\u{feff}{text}").as_bytes()), (text.to_owned(), UTF_8));
            assert_eq!(decode(&one_byte(WINDOWS_1251)), (text.to_owned(), WINDOWS_1251));
            assert_eq!(decode(&one_byte(IBM866)), (text.to_owned(), IBM866));
            for is_marked in [true, false] {
                assert_eq!(decode(&utf16(text, is_marked, u16::to_le_bytes)), (text.to_owned(), UTF_16LE));
                assert_eq!(decode(&utf16(text, is_marked, u16::to_be_bytes)), (text.to_owned(), UTF_16BE));
            }
        }
    }
}
