//! A browser without a window, spoken to over two pipes in the DevTools protocol: JSON texts, each ended by a zero byte
//! (<https://chromedevtools.github.io/devtools-protocol/>).

use std::io::{BufRead, BufReader, Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::common::target_folder;
use crate::find;

/// Longer than any answer takes on a machine that does other things, too.
const PATIENCE: Duration = Duration::from_secs(60);

/// A browser with one page.
pub struct Browser {
    child: Child,
    input: ChildStdin,
    said: Receiver<Value>,
    last: u64,
    session: Option<String>,
    /// What the browser told without being asked.
    pub events: Vec<Value>,
    profile: PathBuf,
}

impl Browser {
    /// Starts a browser with an empty page.
    pub fn start() -> Browser {
        let found = find::browser();
        let profile = target_folder().join("profiles").join(format!("{}-{:?}", std::process::id(), std::thread::current().id()));
        std::fs::create_dir_all(&profile).unwrap();
        // The protocol is spoken on descriptors 3 and 4, which the shell makes of those that there are.
        let mut command = Command::new("sh");
        command.args(["-c", "exec \"$0\" \"$@\" 3<&0 4>&1 </dev/null >/dev/null 2>&1"]).arg(&found.program);
        command.args([
            "--headless",
            "--remote-debugging-pipe",
            "--no-sandbox",
            "--disable-gpu",
            "--no-first-run",
            "--mute-audio",
        ]);
        command.args(["--disable-background-networking", "--disable-component-update", "--disable-sync", "--disable-extensions"]);
        command.args(["--disable-dev-shm-usage", "--no-default-browser-check", "--disable-domain-reliability"]);
        command.arg(format!("--user-data-dir={}", profile.display())).arg("about:blank");
        command.envs(found.environment.iter().map(|(name, value)| (name, value)));
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().expect("start the browser");
        let (input, output) = (child.stdin.take().unwrap(), child.stdout.take().unwrap());
        let said = listen(output);
        let mut browser = Browser { child, input, said, last: 0, session: None, events: Vec::new(), profile };
        let target = browser.call("Target.createTarget", json!({ "url": "about:blank" }))["targetId"].clone();
        let session = browser.call("Target.attachToTarget", json!({ "targetId": target, "flatten": true }))["sessionId"].clone();
        browser.session = session.as_str().map(str::to_owned);
        for domain in ["Page", "Runtime", "Network", "Log"] {
            browser.call(&format!("{domain}.enable"), json!({}));
        }
        browser
    }

    /// Asks for something and waits for the answer.
    pub fn call(&mut self, method: &str, parameters: Value) -> Value {
        self.last += 1;
        let mut message = json!({ "id": self.last, "method": method, "params": parameters });
        if let Some(session) = &self.session {
            message["sessionId"] = session.as_str().into();
        }
        self.input.write_all(format!("{message}\0").as_bytes()).expect("speak to the browser");
        let number = self.last;
        let answer = self.wait_for(method, |one| one["id"] == number);
        assert!(answer.get("error").is_none(), "{method}: {}", answer["error"]);
        answer["result"].clone()
    }

    /// Opens a file and waits until it is loaded.
    pub fn open(&mut self, file: &Path) {
        let url = format!("file://{}", std::fs::canonicalize(file).unwrap().display());
        self.events.clear();
        self.call("Page.navigate", json!({ "url": url }));
        if !self.events.iter().any(|event| event["method"] == "Page.loadEventFired") {
            self.wait_for("the page", |event| event["method"] == "Page.loadEventFired");
        }
    }

    /// The value of an expression in the page.
    pub fn eval(&mut self, expression: &str) -> Value {
        let parameters = json!({ "expression": expression, "returnByValue": true, "awaitPromise": true });
        let answer = self.call("Runtime.evaluate", parameters);
        assert!(answer.get("exceptionDetails").is_none(), "{expression}: {}", answer["exceptionDetails"]);
        answer["result"]["value"].clone()
    }

    /// The size of the window, in CSS pixels.
    pub fn resize(&mut self, width: u32, height: u32) {
        let size = json!({ "width": width, "height": height, "deviceScaleFactor": 1, "mobile": false });
        self.call("Emulation.setDeviceMetricsOverride", size);
    }

    /// Clicks with the mouse in the middle of what an expression finds.
    pub fn click(&mut self, element: &str) {
        let place = self.eval(&format!(
            "(() => {{ const found = {element}; found.scrollIntoView({{ block: 'center' }}); \
             const box = found.getBoundingClientRect(); return [box.x + Math.min(box.width / 2, 200), box.y + box.height / 2]; }})()"
        ));
        for kind in ["mousePressed", "mouseReleased"] {
            let event = json!({ "type": kind, "x": place[0], "y": place[1], "button": "left", "clickCount": 1 });
            self.call("Input.dispatchMouseEvent", event);
        }
    }

    /// Presses a key that has the focus.
    pub fn press(&mut self, key: &str, code: u32, text: &str) {
        let event = |kind: &str| json!({ "type": kind, "key": key, "code": key, "windowsVirtualKeyCode": code, "text": text });
        self.call("Input.dispatchKeyEvent", event("keyDown"));
        self.call("Input.dispatchKeyEvent", json!({ "type": "keyUp", "key": key, "code": key, "windowsVirtualKeyCode": code }));
    }

    /// What went wrong in the page: errors, warnings and exceptions.
    pub fn complaints(&mut self) -> Vec<String> {
        // What the page did before this has been told by the time it is answered.
        self.eval("new Promise((done) => setTimeout(done, 50))");
        let bad = |event: &&Value| match event["method"].as_str() {
            Some("Runtime.exceptionThrown") => true,
            Some("Runtime.consoleAPICalled") => {
                ["error", "warning", "assert"].iter().any(|kind| event["params"]["type"] == *kind)
            }
            Some("Log.entryAdded") => ["error", "warning"].iter().any(|kind| event["params"]["entry"]["level"] == *kind),
            _ => false,
        };
        self.events.iter().filter(bad).map(ToString::to_string).collect()
    }

    /// Addresses that were asked for, by the page or for it.
    pub fn requests(&mut self) -> Vec<String> {
        self.eval("new Promise((done) => setTimeout(done, 50))");
        let sent = self.events.iter().filter(|event| event["method"] == "Network.requestWillBeSent");
        sent.filter_map(|event| event["params"]["request"]["url"].as_str().map(str::to_owned)).collect()
    }

    /// Waits for a message; others are kept.
    fn wait_for(&mut self, what: &str, wanted: impl Fn(&Value) -> bool) -> Value {
        let until = Instant::now() + PATIENCE;
        loop {
            let message = match self.said.recv_timeout(until.saturating_duration_since(Instant::now())) {
                Ok(message) => message,
                Err(RecvTimeoutError::Timeout) => panic!("the browser did not answer within {PATIENCE:?}: {what}"),
                Err(RecvTimeoutError::Disconnected) => panic!("the browser ended: {what}; {:?}", self.child.try_wait()),
            };
            let found = wanted(&message);
            if message.get("method").is_some() {
                self.events.push(message.clone());
            }
            if found {
                return message;
            }
        }
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        let _ = self.input.write_all(b"{\"id\":0,\"method\":\"Browser.close\"}\0");
        let until = Instant::now() + Duration::from_secs(5);
        while matches!(self.child.try_wait(), Ok(None)) && Instant::now() < until {
            std::thread::sleep(Duration::from_millis(20));
        }
        let _ = self.child.kill();
        let _ = self.child.wait();
        let _ = std::fs::remove_dir_all(&self.profile);
    }
}

/// The browser's messages, read as they come.
fn listen(output: impl Read + Send + 'static) -> Receiver<Value> {
    let (sender, receiver) = channel();
    std::thread::spawn(move || {
        let mut output = BufReader::new(output);
        let mut message = Vec::new();
        while output.read_until(0, &mut message).is_ok_and(|length| length > 0) {
            message.pop();
            let parsed = serde_json::from_slice(&message).expect("the browser speaks JSON");
            if sender.send(parsed).is_err() {
                return;
            }
            message.clear();
        }
    });
    receiver
}
