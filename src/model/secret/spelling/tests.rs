//! Tests of the spellings of a secret.

use super::*;
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use std::io::Write as _;

const TOKEN: &str = "hvs.CAESIJlS9vq0aVd7qYx0Tq2LZk3bW1mN8pR5uE6tY4oI7sAD";

fn each(spell: impl Fn(u8) -> String) -> String {
    TOKEN.bytes().map(spell).collect()
}

fn spellings() -> Vec<(&'static str, String)> {
    let standard = |text: &str| STANDARD.encode(text);
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    gzip.write_all(TOKEN.as_bytes()).unwrap();
    let json = format!("{{\"auth\":{{\"client_token\":\"{TOKEN}\"}}}}");
    vec![
        ("percent", each(|byte| format!("%{byte:02X}"))),
        ("unicode", each(|byte| format!("\\u{byte:04x}"))),
        ("braced", each(|byte| format!("\\u{{{byte:x}}}"))),
        ("backslash x", each(|byte| format!("\\x{byte:02x}"))),
        ("octal", each(|byte| format!("\\{byte:03o}"))),
        ("html", each(|byte| format!("&#{byte};"))),
        ("html x", each(|byte| format!("&#x{byte:x};"))),
        ("hexadecimal", each(|byte| format!("{byte:02x}"))),
        ("base64 of JSON", standard(&json)),
        ("base64 for URLs", URL_SAFE_NO_PAD.encode(&json)),
        ("base64 behind a path", format!("a/b/{}", standard(&json))),
        ("base64 of one byte more", standard(&format!("ab {TOKEN}"))),
        ("base64 of base64", standard(&standard(TOKEN))),
        ("thrice", standard(&standard(&standard(TOKEN)))),
        (
            "hexadecimal of base64",
            standard(TOKEN)
                .bytes()
                .map(|b| format!("{b:02x}"))
                .collect(),
        ),
        ("json in json", each(|byte| format!("\\\\u{byte:04x}"))),
        ("a carriage return", TOKEN.replace("vq0", "vq\r0")),
        ("a zero-width space", TOKEN.replace("hvs", "h\u{200b}vs")),
        ("a control of eight bits", TOKEN.replace("5uE", "5u\u{9b}E")),
        ("a percent in it", TOKEN.replace('.', "%2E")),
        ("quoted by Rust", TOKEN.replace("vq0", "vq\\r0")),
        ("bytes of a name", TOKEN.replace("vq0", "vq\\xc2\\x9b0")),
        (
            "base64 in a path",
            format!("gitlab/projects/{}/x", standard(TOKEN)),
        ),
        ("cut late, in a name", TOKEN.replace("2LZ", "2L\\xc2\\x9bZ")),
        ("gzip", STANDARD.encode(gzip.finish().unwrap())),
        ("zlib", STANDARD.encode(zlib(TOKEN))),
        (
            "zlib in hexadecimal",
            zlib(TOKEN).iter().map(|b| format!("{b:02x}")).collect(),
        ),
        (
            "zstd",
            STANDARD.encode(zstd::encode_all(TOKEN.as_bytes(), 3).unwrap()),
        ),
        (
            "sixteen bits each",
            STANDARD.encode(TOKEN.bytes().flat_map(|b| [b, 0]).collect::<Vec<u8>>()),
        ),
    ]
}

fn zlib(text: &str) -> Vec<u8> {
    let mut packed = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::default());
    packed.write_all(text.as_bytes()).unwrap();
    packed.finish().unwrap()
}

fn deflate(text: &str) -> Vec<u8> {
    let mut packed = flate2::write::DeflateEncoder::new(Vec::new(), flate2::Compression::default());
    packed.write_all(text.as_bytes()).unwrap();
    packed.finish().unwrap()
}

/// Five bits a digit, as RFC 4648 has them.
fn base32(text: &str, alphabet: &[u8; 32]) -> String {
    let bits: String = text.bytes().map(|byte| format!("{byte:08b}")).collect();
    bits.as_bytes()
        .chunks(5)
        .map(|chunk| {
            let digits = format!("{:0<5}", std::str::from_utf8(chunk).unwrap());
            char::from(alphabet[usize::from_str_radix(&digits, 2).unwrap()])
        })
        .collect()
}

/// Five digits for four bytes, a last group cut short.
fn base85(text: &str, alphabet: &[u8]) -> String {
    base85_of(text.as_bytes(), alphabet)
}

fn base85_of(bytes: &[u8], alphabet: &[u8]) -> String {
    let groups = bytes.chunks(4).flat_map(|chunk| {
        let mut bytes = [0; 4];
        bytes[..chunk.len()].copy_from_slice(chunk);
        let mut value = u32::from_be_bytes(bytes);
        let mut digits = [0; 5];
        for digit in digits.iter_mut().rev() {
            *digit = alphabet[(value % 85) as usize];
            value /= 85;
        }
        digits.into_iter().take(chunk.len() + 1)
    });
    groups.map(char::from).collect()
}

/// Lines of up to 45 bytes, each behind its length.
fn uuencoded(text: &str) -> Vec<String> {
    let lines = text.as_bytes().chunks(45).map(|chunk| {
        let sign = |six: u32| char::from(if six == 0 { b'`' } else { six as u8 + 0x20 });
        let mut line = String::from(sign(chunk.len() as u32));
        for three in chunk.chunks(3) {
            let byte = |at: usize| u32::from(three.get(at).copied().unwrap_or(0));
            let value = byte(0) << 16 | byte(1) << 8 | byte(2);
            line.extend([18, 12, 6, 0].map(|shift| sign(value >> shift & 0x3f)));
        }
        line
    });
    lines.collect()
}

fn backwards(text: &str) -> String {
    text.chars().rev().collect()
}

fn moved(text: &str) -> String {
    let letter = |c: char| match c {
        'a'..='m' | 'A'..='M' => char::from(c as u8 + 13),
        'n'..='z' | 'N'..='Z' => char::from(c as u8 - 13),
        other => other,
    };
    text.chars().map(letter).collect()
}

fn other_case(text: &str) -> String {
    let letter = |c: char| match c.is_ascii_lowercase() {
        true => c.to_ascii_uppercase(),
        false => c.to_ascii_lowercase(),
    };
    text.chars().map(letter).collect()
}

fn turned_spellings() -> Vec<(&'static str, String)> {
    let ascii: Vec<u8> = (b'!'..=b'u').collect();
    let rfc1924 =
        b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz!#$%&()*+-;<=>?@^_`{|}~";
    let z85 =
        b"0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ.-:+=^!/*?&<>()[]{}@%$#";
    let json = format!("{{\"auth\":{{\"client_token\":\"{TOKEN}\"}}}}");
    vec![
        ("ascii85", base85(TOKEN, &ascii)),
        ("adobe", format!("<~{}~>", base85(TOKEN, &ascii))),
        ("base85", base85(TOKEN, rfc1924)),
        ("base85 of JSON", format!("X={}", base85(&json, rfc1924))),
        ("z85", base85(TOKEN, z85)),
        ("base85 of zlib", base85_of(&zlib(TOKEN), rfc1924)),
        ("backwards", backwards(TOKEN)),
        ("backwards in quotes", format!("\"{}\"", backwards(TOKEN))),
        (
            "base64 backwards",
            backwards(STANDARD.encode(TOKEN).trim_end_matches('=')),
        ),
        (
            "base64 in the other case",
            other_case(&STANDARD.encode(TOKEN)),
        ),
        ("base64 moved by thirteen", moved(&STANDARD.encode(&json))),
        (
            "base64 of JSON backwards",
            backwards(&STANDARD.encode(&json)),
        ),
        (
            "hexadecimal backwards",
            backwards(&each(|byte| format!("{byte:02x}"))),
        ),
        (
            "zlib, in base64, backwards",
            backwards(&STANDARD.encode(zlib(TOKEN))),
        ),
        ("deflate", STANDARD.encode(deflate(TOKEN))),
        ("deflate of JSON", STANDARD.encode(deflate(&json))),
        ("moved", moved(TOKEN)),
        ("moved, named", format!("token={}", moved(TOKEN))),
        ("moved and backwards", moved(&backwards(TOKEN))),
        ("base64 of moved", STANDARD.encode(moved(TOKEN))),
    ]
}

/// A line of a trace that prints the token in some spelling, as it is shown: the token is found in it
/// once and shown nowhere.
fn shown(what: &str, text: &str) -> String {
    let line = format!("+ echo {text} | curl");
    let found = spelled(line.as_bytes());
    assert_eq!(found.len(), 1, "{what}: {found:?}");
    assert_eq!(found[0].pattern, "vault-service-token", "{what}");
    assert!(!found[0].redacted.contains("CAESI"), "{what}: {found:?}");
    let shown = crate::model::secret::redact(&line);
    assert!(shown.starts_with("+ echo "), "{what}: {shown}");
    assert!(shown.contains("****["), "{what}: {shown}");
    shown
}

#[test]
fn a_secret_is_found_backwards_moved_and_in_groups_of_five() {
    for (what, text) in turned_spellings() {
        let shown = shown(what, &text);
        assert!(!shown.contains(&text), "{what}: {shown}");
    }
}

#[test]
fn a_secret_is_found_in_lines_of_uuencode() {
    let lines = uuencoded(TOKEN);
    assert_eq!(lines.len(), 2);
    for text in [lines.join("\n"), lines.concat(), lines[0].clone()] {
        let found = spelled(text.as_bytes());
        assert_eq!(found.len(), 1, "{text}: {found:?}");
        assert_eq!(found[0].pattern, "vault-service-token");
    }
}

/// Zeros are blanks in older tools, and a terminal drops blanks at the end of a line.
#[test]
fn a_line_of_uuencode_whose_last_blanks_are_gone_is_read() {
    let token = format!("{}-{}", "glpat", "x7Kq9ZmTb3RvW2nLpY5d");
    for text in [token.clone(), format!("{token}Z"), format!("{token}Zq")] {
        for line in uuencoded(&text) {
            let line = line.replace('`', " ");
            let found = spelled(line.trim_end().as_bytes());
            assert_eq!(found.len(), 1, "{line}: {found:?}");
        }
    }
}

#[test]
fn the_heading_of_a_private_key_is_found_backwards_and_moved() {
    let heading = format!("-----BEGIN RSA {} KEY-----", "PRIVATE");
    let both = moved(&backwards(&heading));
    for text in [backwards(&heading), moved(&heading), both] {
        let found = spelled(format!("woeIIM\nx {text}\ny").as_bytes());
        assert_eq!(found.len(), 1, "{text}: {found:?}");
        assert_eq!(found[0].pattern, "private-key");
    }
    let public = heading.replace("RSA PRIVATE", "PUBLIC");
    assert!(spelled(backwards(&public).as_bytes()).is_empty());
}

#[test]
fn a_jwt_is_found_backwards_and_moved() {
    let jwt = format!("eyJ{0}.eyJ{0}.{0}", "hbGciOiJSUzI1NiIs");
    for text in [backwards(&jwt), moved(&jwt)] {
        let found = spelled(format!("x {text} y").as_bytes());
        assert_eq!(found.len(), 1, "{text}: {found:?}");
        assert_eq!(found[0].pattern, "jwt");
    }
}

/// A run of beginnings costs no more than a few readings of it.
#[test]
fn many_turned_beginnings_take_linear_time() {
    for piece in [".svh=", "uif.", "Jye~", "M1234", "<~+", "tycng-", "AIKA "] {
        let text = piece.repeat((1 << 18) / piece.len());
        let start = std::time::Instant::now();
        assert!(spelled(text.as_bytes()).is_empty(), "{piece}");
        assert!(start.elapsed().as_secs() < 20, "{piece}");
    }
}

fn more_spellings() -> Vec<(&'static str, String)> {
    let list = |spell: fn(u8) -> String, between: &str| -> String {
        TOKEN.bytes().map(spell).collect::<Vec<_>>().join(between)
    };
    let (head, tail) = TOKEN.split_at(17);
    vec![
        ("base32", base32(TOKEN, b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567")),
        (
            "small base32",
            base32(TOKEN, b"abcdefghijklmnopqrstuvwxyz234567"),
        ),
        (
            "base32hex",
            base32(TOKEN, b"0123456789ABCDEFGHIJKLMNOPQRSTUV"),
        ),
        ("mail", each(|byte| format!("={byte:02X}"))),
        ("mail in part", TOKEN.replace('.', "=2E")),
        ("names of HTML", TOKEN.replace('.', "&period;")),
        ("HTML without an end", each(|byte| format!("&#{byte}"))),
        ("decimal", list(|byte| byte.to_string(), " ")),
        (
            "a list",
            format!("[{}]", list(|byte| byte.to_string(), ", ")),
        ),
        (
            "hexadecimal numbers",
            list(|byte| format!("0x{byte:02x}"), ", "),
        ),
        ("points", list(|byte| format!("U+{byte:04X}"), " ")),
        ("dashes", list(|byte| format!("{byte:02X}"), "-")),
        ("octal numbers", list(|byte| format!("{byte:03o}"), " ")),
        ("binary", list(|byte| format!("{byte:08b}"), " ")),
        (
            "letters in quotes",
            list(|byte| char::from(byte).to_string(), "', '"),
        ),
        (
            "letters and a sign",
            list(|byte| char::from(byte).to_string(), "_"),
        ),
        ("a sum", format!("\"{head}\" + '{tail}'")),
        ("empty quotes", format!("{head}\"\"{tail}")),
        ("two quotations", format!("\"{head}\"'{tail}'")),
        (
            "a backslash each",
            each(|byte| format!("\\{}", char::from(byte))),
        ),
        (
            "full width",
            TOKEN
                .chars()
                .map(|c| char::from_u32(u32::from(c) + 0xfee0).unwrap())
                .collect(),
        ),
    ]
}

#[test]
fn a_secret_is_found_in_lists_pieces_and_other_letters() {
    for (what, text) in more_spellings() {
        shown(what, &text);
    }
}

#[test]
fn a_secret_is_found_in_every_spelling_and_shown_in_none() {
    for (what, text) in spellings() {
        let shown = shown(what, &text);
        assert!(shown.ends_with(" | curl"), "{what}: {shown}");
    }
}

#[test]
fn what_spells_nothing_is_nothing() {
    let long = "QUJD".repeat(1 << 18);
    for line in [
        "1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 23 24 25 26 27 28 29 30",
        "104 118 115 46 67 65 69 83 73 74 108 83 57 118 113 48 97 86 100 55 999 113 89 120",
        "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567ABCDEFGHIJKLMNOPQRSTUVWXYZ234567",
        "\"a\" + \"b\" + \"hvs.\" + token and 'glpat-' + \"\" done",
        "subject=3D\"x\" =20=20 CFLAGS=-O2 LDFLAGS=-L/usr/lib",
        "a_b_c_d_e_f_g_h_i_j_k_l_m_n_o_p_q_r_s_t_u_v_w_x_y_z",
        "100% done \\o/ &amp; more",
        "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
        "drow.svh taplg- ntaplg-xfdskjhsdfkjhsdkf _phg AIKA uif. tycng-grfgvatgurybatjbeqf",
        "retcarahc-a-ton-si-siht-dna-taplg/elif and npm_ acz_zbqhyrf_ner_abg_gbxraf_ng_nyy_v_fnl",
        "zcmV+b0RR6000031|NsC0|NsC0|NsC0|NsC0|NsC0|NsC0|NsC0|NsC0|NsC0|NsC0|NsC0",
        "M20 THE QUICK BROWN FOX JUMPS OVER THE LAZY DOG AND THEN SOME MORE",
        "D41D8CD98F00B204E9800998ECF8427E D41D8CD98F00B204E9800998ECF8427E",
        "+----+----+----+----+----+ |=====>=====>=====>=====>=====>| (c)(c)(c)(c)(c)(c)(c)(c)",
        "ABCDEFGHIJKLMNOPQRSTAIKA NXVNABCDEFGHIJKLMNOP 1//0 rlWhbGciOiJSUzI1NiIs.rlW",
        "%%%%%%\\u\\x\\777&#;&#x;&#99999999;",
        &long,
    ] {
        assert!(spelled(line.as_bytes()).is_empty());
    }
}
