//! `hstore`: keys with values.

/// `a=>1, "b c"=>NULL`. Of a key that comes twice the first value stays, as with the server.
pub fn read(text: &str) -> Option<Vec<u8>> {
    let mut pairs: Vec<(String, Option<String>)> = Vec::new();
    let mut rest = text.trim_start();
    while !rest.is_empty() {
        let (key, _, behind) = word(rest)?;
        let (value, quoted, behind) = word(behind.trim_start().strip_prefix("=>")?.trim_start())?;
        if pairs.iter().all(|(known, _)| *known != key) {
            let null = !quoted && value.eq_ignore_ascii_case("null");
            pairs.push((key, (!null).then_some(value)));
        }
        rest = behind.trim_start();
        match rest.strip_prefix(',') {
            Some(behind) => rest = behind.trim_start(),
            None if rest.is_empty() => {}
            None => return None,
        }
    }
    Some(binary(&pairs))
}

fn binary(pairs: &[(String, Option<String>)]) -> Vec<u8> {
    let mut value = (pairs.len() as u32).to_be_bytes().to_vec();
    for (key, of_key) in pairs {
        value.extend_from_slice(&(key.len() as u32).to_be_bytes());
        value.extend_from_slice(key.as_bytes());
        match of_key {
            Some(text) => {
                value.extend_from_slice(&(text.len() as u32).to_be_bytes());
                value.extend_from_slice(text.as_bytes());
            }
            None => value.extend_from_slice(&(-1_i32).to_be_bytes()),
        }
    }
    value
}

/// A word or a quoted text, whether it was quoted, and what follows it.
fn word(text: &str) -> Option<(String, bool, &str)> {
    if let Some(inner) = text.strip_prefix('"') {
        let mut word = String::new();
        let mut chars = inner.char_indices();
        while let Some((at, c)) = chars.next() {
            match c {
                '"' => return Some((word, true, &inner[at + 1..])),
                '\\' => word.push(chars.next()?.1),
                c => word.push(c),
            }
        }
        return None;
    }
    let end = text.find(|c: char| c.is_whitespace() || matches!(c, ',' | '=' | '"')).unwrap_or(text.len());
    (end > 0).then(|| (text[..end].to_owned(), false, &text[end..]))
}

/// As the server prints it.
pub fn print(value: &[u8]) -> String {
    let mut at = 4;
    let mut next = || {
        let length = i32::from_be_bytes(std::array::from_fn(|place| value.get(at + place).copied().unwrap_or(0)));
        at += 4;
        let length = usize::try_from(length).ok()?;
        let text = String::from_utf8_lossy(value.get(at..at + length)?).into_owned();
        at += length;
        Some(format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\"")))
    };
    let count = value.get(..4).map_or(0, |head| u32::from_be_bytes(std::array::from_fn(|place| head[place])));
    let pairs: Vec<String> = (0..count)
        .map_while(|_| {
            let key = next()?;
            Some(format!("{key}=>{}", next().unwrap_or_else(|| "NULL".to_owned())))
        })
        .collect();
    pairs.join(", ")
}
