//! Files made to hurt: each is answered in words, quickly, and never by falling over.

use std::{
    io::{Cursor, Write as _},
    time::Duration,
};

use zip::{ZipWriter, write::SimpleFileOptions};

use super::*;

const CONTENT_TYPES: &str = r#"<?xml version="1.0"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="xml" ContentType="application/xml"/><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Override PartName="/xl/workbook.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/></Types>"#;
const RELATIONS: &str = r#"<?xml version="1.0"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="xl/workbook.xml"/></Relationships>"#;
const WORKBOOK: &str = r#"<?xml version="1.0"?><workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"><sheets><sheet name="Лист1" sheetId="1" r:id="rId1"/></sheets></workbook>"#;
const WORKBOOK_RELATIONS: &str = r#"<?xml version="1.0"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet" Target="worksheets/sheet1.xml"/></Relationships>"#;

/// A workbook with one sheet of the given XML, and further entries.
fn packed(sheet: &[u8], more: &[(&str, &[u8])]) -> Vec<u8> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    let parts = [
        ("[Content_Types].xml", CONTENT_TYPES.as_bytes()),
        ("_rels/.rels", RELATIONS.as_bytes()),
        ("xl/workbook.xml", WORKBOOK.as_bytes()),
        ("xl/_rels/workbook.xml.rels", WORKBOOK_RELATIONS.as_bytes()),
        ("xl/worksheets/sheet1.xml", sheet),
    ];
    for (name, content) in parts.iter().chain(more) {
        zip.start_file(*name, SimpleFileOptions::default()).unwrap();
        zip.write_all(content).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

fn sheet(rows: &str) -> String {
    format!(
        r#"<?xml version="1.0"?><worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><dimension ref="A1:XFD1048576"/><sheetData>{rows}</sheetData></worksheet>"#
    )
}

fn inline(place: &str, text: &str) -> String {
    format!(r#"<c r="{place}" t="inlineStr"><is><t>{text}</t></is></c>"#)
}

async fn cells_of(rows: &str) -> Vec<Vec<Cell>> {
    let workbook = read_bytes(&packed(sheet(rows).as_bytes(), &[])).await.unwrap();
    workbook.sheets[0].rows.iter().map(|row| row.cells.clone()).collect()
}

#[tokio::test]
async fn a_bomb_in_a_zip_is_counted_and_refused() {
    let zeros = vec![b' '; 16 << 20];
    assert_eq!(refusal(&packed(sheet("").as_bytes(), &[("xl/media/bomb.bin", &zeros)])).await, Refusal::Swollen);
    let many: Vec<(String, &[u8])> = (0..3000).map(|number| (format!("xl/{number}"), &b""[..])).collect();
    let many: Vec<(&str, &[u8])> = many.iter().map(|(name, content)| (name.as_str(), *content)).collect();
    assert_eq!(refusal(&packed(sheet("").as_bytes(), &many)).await, Refusal::Swollen);
}

#[tokio::test]
async fn a_far_corner_costs_nothing_when_empty_and_is_named_when_filled() {
    let cells = cells_of(r#"<row r="1"><c r="A1"><v>7</v></c></row><row r="1048576"><c r="XFD1048576" s="0"/></row>"#).await;
    assert_eq!(cells, [vec![Cell::Number("7".into())]]);
    let far = sheet(r#"<row r="1048576"><c r="XFD1048576"><v>7</v></c></row>"#);
    let refused = read_bytes(&packed(far.as_bytes(), &[])).await.unwrap_err();
    assert_eq!(refused, Refused { why: Refusal::TooManyRows, place: "Лист1!XFD1048576".into() });
    let wide = sheet(r#"<row r="1"><c r="XFD1"><v>7</v></c></row>"#);
    assert_eq!(refusal(&packed(wide.as_bytes(), &[])).await, Refusal::TooManyColumns);
}

#[tokio::test]
async fn entities_are_not_expanded() {
    let bomb = sheet(&format!(r#"<row r="1">{}</row>"#, inline("A1", "&lol9;"))).replace(
        "<worksheet",
        r#"<!DOCTYPE x [<!ENTITY lol "lol"><!ENTITY lol9 "&lol;&lol;&lol;"><!ENTITY file SYSTEM "file:///etc/passwd">]><worksheet"#,
    );
    match read_bytes(&packed(bomb.as_bytes(), &[])).await {
        Err(refused) => assert_eq!(refused.why, Refusal::Broken),
        Ok(workbook) => assert!(!format!("{workbook:?}").contains("lollol")),
    }
}

#[tokio::test]
async fn errors_and_formulas_without_values_are_marked() {
    let cells = cells_of(r#"<row r="1"><c r="A1" t="e"><v>#REF!</v></c><c r="B1"><f>SUM(A2:A9)</f></c><c r="C1"><f>1+1</f><v>2</v></c><c r="D1" t="b"><v>1</v></c><c r="E1" t="str"><f>"a"</f><v>а</v></c></row>"#).await;
    let all = [Cell::Error("#REF!".into()), Cell::Uncalculated, Cell::Number("2".into()), Cell::Bool(true), Cell::Text("а".into())];
    assert_eq!(cells, [all.to_vec()]);
}

#[tokio::test]
async fn broken_and_foreign_files_are_told_apart() {
    let whole = std::fs::read(data("registry-by-hand.xlsx")).unwrap();
    for (bytes, why) in [
        (&b""[..], Refusal::Empty),
        (&whole[..whole.len() / 2], Refusal::Broken),
        (b"%PDF-1.7\n...", Refusal::Pdf),
        (b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1\0\0\0\0", Refusal::OldExcel),
        (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0", Refusal::Picture),
        (b"Rar!\x1a\x07\0", Refusal::Archive),
        ("<html><table><tr><td>1-1-1</td></tr></table></html>".as_bytes(), Refusal::WebPage),
        (&[1, 2, 3, 4, 5, 6, 7, 8, 200, 201, 1, 2, 3][..], Refusal::NotATable),
        (b"\x7fELF\x02\x01\x01\0\0\0\0\0\0\0\0\0", Refusal::NotATable),
    ] {
        assert_eq!(refusal(bytes).await, why, "{why}");
    }
    assert_eq!(refusal(&packed(b"<not-a-sheet>", &[])).await, Refusal::Broken);
    assert_eq!(refusal(&vec![b'a'; 33 << 20]).await, Refusal::TooLarge);
}

#[tokio::test]
async fn an_open_quote_takes_only_its_own_field() {
    let others = "1-1-2;Козлова Галина;9909960308\n".repeat(98);
    let text = format!("уч;ФИО;тел\n1-1-1;\"Сорокина Ольга;9181590830\n{others}");
    let workbook = read_bytes(text.as_bytes()).await.unwrap();
    assert_eq!(workbook.sheets[0].rows.len(), 100);
    assert_eq!(workbook.sheets[0].rows[1].cells[1], Cell::Text("Сорокина Ольга".into()));
}

#[tokio::test]
async fn quoted_fields_keep_their_delimiters_and_lines() {
    let workbook = read_bytes("a;b\r\n\r\n\"x;\"\"y\"\"\nz\";2\r\n3;4".as_bytes()).await.unwrap();
    let rows: Vec<(u32, String)> = workbook.sheets[0].rows.iter().map(|row| (row.number, row.cells[0].shown())).collect();
    assert_eq!(rows, [(1, "a".into()), (3, "x;\"y\" z".into()), (5, "3".into())]);
}

#[tokio::test]
async fn endless_lines_and_zeros_are_answered() {
    assert_eq!(refusal(&vec![b'x'; 10 << 20]).await, Refusal::TooLongText);
    assert_eq!(refusal(&b"x;".repeat(5 << 20)).await, Refusal::TooManyColumns);
    assert_eq!(refusal(&b"1\n".repeat(250_000)).await, Refusal::TooManyRows);
    let mut with_zero = "уч;ФИО\n1-1-1;Сорокина Ольга\n".repeat(20).into_bytes();
    with_zero[9] = 0;
    assert!(read_bytes(&with_zero).await.is_ok());
    assert_eq!(refusal(&vec![0; 100_000]).await, Refusal::NotATable);
}

#[tokio::test]
async fn every_encoding_and_delimiter_gives_the_same_table() {
    let text = "уч.;ФИО;тел.\n1-1-1;Сорокина Ольга;9181590830\n1-1-2;Козлова Галина;9909960308\n";
    let same = |workbook: Workbook| {
        workbook.sheets[0].rows.iter().map(|row| row.cells.iter().map(Cell::shown).collect::<Vec<_>>()).collect::<Vec<_>>()
    };
    let plain = same(read_bytes(text.as_bytes()).await.unwrap());
    for delimiter in [',', '\t', '|'] {
        let text = text.replace(';', &delimiter.to_string());
        let variants = [
            text.clone().into_bytes(),
            format!("\u{feff}{text}").into_bytes(),
            encoding_rs::WINDOWS_1251.encode(&text).0.into_owned(),
            encoding_rs::IBM866.encode(&text).0.into_owned(),
            text.encode_utf16().flat_map(u16::to_le_bytes).collect(),
            [0xFEFF].into_iter().chain(text.encode_utf16()).flat_map(u16::to_be_bytes).collect(),
        ];
        for bytes in variants {
            assert_eq!(same(read_bytes(&bytes).await.unwrap()), plain);
        }
    }
    assert_eq!(same(read_bytes(format!("sep=;\r\n{text}").as_bytes()).await.unwrap()), plain);
}

/// A reader that is a shell script, to see what it is given and how its ends are understood.
async fn scripted(script: &str) -> Result<Workbook, Refused> {
    use std::os::unix::fs::PermissionsExt as _;
    let folder = tempfile::tempdir().unwrap();
    let program = folder.path().join("reader");
    std::fs::write(&program, format!("#!/bin/sh\n{script}\n")).unwrap();
    std::fs::set_permissions(&program, std::fs::Permissions::from_mode(0o755)).unwrap();
    TableReader::new(program).with_patience(Duration::from_secs(1)).read(&data("readings-october.csv")).await
}

#[tokio::test]
async fn the_reading_process_has_limits_and_no_secrets() {
    let told =
        scripted(r#"printf '{"sheet":"%s %s %s"}\n"end"\n' "$(ulimit -v)" "$(ulimit -t)" "${CARGO_MANIFEST_DIR-none}""#).await.unwrap();
    assert_eq!(told.sheets[0].name, "1048576 30 none");
}

#[tokio::test]
async fn however_the_reading_process_ends_an_answer_comes() {
    for (script, why) in [
        ("exec sleep 600", Refusal::TooSlow),
        ("kill -6 $$", Refusal::Swollen),
        ("kill -24 $$", Refusal::TooSlow),
        ("exit 101", Refusal::Broken),
        ("exit 1", Refusal::Unreadable),
        (r#"echo '{"sheet":"a"}'"#, Refusal::Unreadable),
        ("echo hello", Refusal::Unreadable),
        ("exec yes '{\"sheet\":\"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\"}'", Refusal::Swollen),
    ] {
        let refused = scripted(script).await.unwrap_err().why;
        assert!(refused == why || script.starts_with("exec yes") && refused == Refusal::TooSlow, "{script}: {refused}");
    }
    let missing = TableReader::new("/nonexistent/meterbook".into());
    assert_eq!(missing.read(&data("readings-october.csv")).await.unwrap_err().why, Refusal::Unreadable);
}
