//! English words for titles and prose, plain ASCII, each once.

/// The words, in the order of the alphabet.
#[rustfmt::skip]
pub const WORDS: &[&str] = &[
    "acorn", "album", "amber", "anchor", "angel", "apple", "april", "arrow", "ash", "autumn", "avenue", "balcony", "ballad",
    "bamboo", "banner", "basket", "beacon", "bell", "berry", "billow", "birch", "blanket", "blaze", "blossom", "blue", "boat",
    "bonfire", "border", "bottle", "branch", "brave", "bread", "breeze", "bridge", "bright", "bronze", "brook", "bubble",
    "bucket", "butter", "cabin", "cactus", "camera", "candle", "canyon", "captain", "caravan", "carbon", "cargo", "castle",
    "cedar", "chain", "chalk", "chapel", "charm", "cherry", "chime", "cider", "cinder", "circle", "citrus", "city", "clear",
    "cliff", "clock", "cloud", "clover", "coast", "cobalt", "coffee", "comet", "copper", "coral", "corner", "cotton",
    "country", "courage", "cradle", "crane", "cricket", "crimson", "crow", "crown", "crystal", "current", "curtain",
    "cypress", "daisy", "dance", "dawn", "daylight", "deep", "delta", "desert", "diamond", "distant", "dive", "dolphin",
    "door", "dragon", "dream", "drift", "drum", "dune", "dusk", "dust", "eagle", "early", "earth", "east", "echo", "edge",
    "eleven", "ember", "emerald", "empty", "engine", "evening", "ever", "falcon", "falling", "feather", "fern", "ferry",
    "fever", "fiddle", "field", "fire", "first", "flame", "flicker", "flight", "flint", "flower", "fog", "forest", "forever",
    "fortune", "fountain", "fox", "free", "frost", "future", "garden", "gate", "gentle", "ghost", "giant", "ginger",
    "glacier", "glass", "glide", "glow", "golden", "grace", "granite", "grass", "gravity", "green", "grey", "guitar", "gull",
    "hammer", "harbor", "harvest", "haven", "hawk", "hazel", "heart", "heather", "hidden", "high", "highway", "hill",
    "hollow", "home", "honey", "horizon", "horse", "hour", "house", "hunter", "ice", "indigo", "iron", "island", "ivory",
    "ivy", "jade", "jasmine", "jewel", "journey", "jungle", "juniper", "kettle", "kindle", "king", "kite", "ladder", "lake",
    "lantern", "lark", "last", "laurel", "lavender", "lazy", "leaf", "lemon", "letter", "light", "lilac", "lily", "linen",
    "lion", "little", "lonely", "long", "lost", "lotus", "lucky", "lunar", "magnet", "magpie", "mango", "maple", "marble",
    "march", "margin", "marigold", "meadow", "mellow", "melody", "memory", "mercury", "meteor", "midnight", "mild", "mill",
    "minor", "mint", "mirror", "mist", "moment", "monsoon", "moon", "morning", "moss", "motion", "mountain", "mulberry",
    "murmur", "museum", "music", "myth", "narrow", "needle", "neon", "never", "night", "north", "nova", "oak", "oasis",
    "ocean", "october", "olive", "onyx", "opal", "open", "orange", "orbit", "orchard", "orchid", "origin", "otter", "outer",
    "owl", "palace", "palm", "paper", "parade", "pearl", "pebble", "pepper", "petal", "phoenix", "piano", "pier", "pilot",
    "pine", "pioneer", "plain", "planet", "plum", "pocket", "poem", "polar", "pond", "poppy", "portrait", "prairie", "prism",
    "promise", "pulse", "purple", "quartz", "queen", "quiet", "quill", "rabbit", "radio", "rain", "raven", "reason", "record",
    "red", "reef", "remember", "ribbon", "ride", "ridge", "ripple", "rise", "river", "road", "robin", "rocket", "root",
    "rose", "rosewood", "ruby", "rust", "saddle", "saffron", "sage", "sail", "salt", "sand", "sapphire", "satin", "scarlet",
    "sea", "season", "second", "secret", "seed", "shadow", "shallow", "shell", "shelter", "shine", "ship", "shore", "shuttle",
    "silent", "silk", "silver", "simple", "singer", "sky", "sleep", "slow", "small", "smoke", "snow", "soft", "solar",
    "solid", "song", "sorrow", "south", "spark", "sparrow", "spice", "spiral", "spring", "sprout", "star", "station", "steel",
    "stone", "storm", "story", "stranger", "stream", "street", "summer", "sun", "sunday", "sunset", "swallow", "swan",
    "sweet", "swift", "tale", "tall", "tangerine", "teal", "temple", "tender", "thistle", "thousand", "thread", "thunder",
    "tide", "tiger", "timber", "tin", "today", "token", "tomorrow", "torch", "tower", "trail", "train", "travel", "treasure",
    "tree", "tropic", "true", "tulip", "tunnel", "turquoise", "twilight", "twin", "umber", "under", "union", "valley",
    "velvet", "verse", "vessel", "village", "vine", "vintage", "violet", "violin", "vision", "voice", "voyage", "wagon",
    "walnut", "wander", "warm", "water", "wave", "weather", "west", "wheat", "whisper", "white", "wild", "willow", "wind",
    "window", "winter", "wish", "wolf", "wonder", "wood", "world", "wren", "yellow", "yesterday", "young", "zephyr", "zinc",
];

#[cfg(test)]
mod tests {
    use super::WORDS;

    #[test]
    fn words_are_plain_and_different() {
        assert!(WORDS.windows(2).all(|pair| pair[0] < pair[1]), "sorted, so none twice");
        assert!(WORDS.iter().all(|word| word.bytes().all(|byte| byte.is_ascii_lowercase())));
    }
}
