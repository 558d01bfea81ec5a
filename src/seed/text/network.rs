//! Addresses of networks and their hardware.

use std::fmt::Write;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use super::bits::pairs;

/// `PGSQL_AF_INET` and `PGSQL_AF_INET6` of PostgreSQL 15.
const FAMILY_4: u8 = 2;
const FAMILY_6: u8 = 3;

/// `10.1.2.3`, `10.0.0.0/8`, `2001:db8::/32`. A network (`cidr`) has no bits behind its mask.
pub fn address(text: &str, network: bool) -> Option<Vec<u8>> {
    let (address, mask) = match text.split_once('/') {
        Some((address, mask)) => (address, Some(mask.parse::<u8>().ok()?)),
        None => (text, None),
    };
    let address: IpAddr = address.parse().ok()?;
    let (bytes, bits) = match address {
        IpAddr::V4(address) => (address.octets().to_vec(), u128::from(address.to_bits()) << 96),
        IpAddr::V6(address) => (address.octets().to_vec(), address.to_bits()),
    };
    let width = bytes.len() as u8 * 8;
    let mask = mask.unwrap_or(width);
    let behind = bits.checked_shl(u32::from(mask)).unwrap_or(0);
    (mask <= width && (!network || behind == 0)).then(|| binary(&bytes, mask, network))
}

/// An address of 4 or 16 bytes with its mask, as the server takes it.
pub fn binary(address: &[u8], mask: u8, network: bool) -> Vec<u8> {
    let family = if address.len() == 4 { FAMILY_4 } else { FAMILY_6 };
    [&[family, mask, u8::from(network), address.len() as u8], address].concat()
}

pub fn print(value: &[u8], out: &mut Vec<u8>) {
    let [family, mask, network, _, bytes @ ..] = value else { return };
    let address: IpAddr = match (family, bytes.first_chunk::<4>(), bytes.first_chunk::<16>()) {
        (&FAMILY_4, Some(octets), _) => Ipv4Addr::from(*octets).into(),
        (&FAMILY_6, _, Some(octets)) => Ipv6Addr::from(*octets).into(),
        _ => return,
    };
    out.extend_from_slice(address.to_string().as_bytes());
    if *network != 0 || usize::from(*mask) != bytes.len() * 8 {
        out.extend_from_slice(format!("/{mask}").as_bytes());
    }
}

/// `08:00:2b:01:02:03` with colons, hyphens, dots or nothing between the digits; 6 bytes become 8 by `ff:fe` in the middle.
pub fn hardware_address(text: &str, eight: bool) -> Option<Vec<u8>> {
    let hex: String = text.chars().filter(|c| !matches!(c, ':' | '-' | '.')).collect();
    let bytes = pairs(&hex)?;
    match (bytes.len(), eight) {
        (6, false) | (8, true) => Some(bytes),
        (6, true) => Some([&bytes[..3], &[0xff, 0xfe], &bytes[3..]].concat()),
        _ => None,
    }
}

pub fn print_hardware_address(value: &[u8], out: &mut Vec<u8>) {
    let text = value.iter().enumerate().fold(String::new(), |mut text, (place, byte)| {
        let colon = if place > 0 { ":" } else { "" };
        // Writing to a string cannot fail.
        let _ = write!(text, "{colon}{byte:02x}");
        text
    });
    out.extend_from_slice(text.as_bytes());
}
