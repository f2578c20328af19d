package report

import (
	"cmp"
	"context"
	"encoding/base64"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

var shots = flag.String("shots", "", "keep the screenshots in this folder, to be looked at")

// A browser is a tab, and what went wrong in it.
type browser struct {
	ctx context.Context

	mu       sync.Mutex
	problems []string // errors and warnings of the console
	requests []string
}

// open starts the browser.
func open(t *testing.T) *browser {
	t.Helper()
	if testing.Short() {
		t.Skip("starts a browser")
	}
	if underRace {
		t.Skip("what is tested here runs in the browser, where the race detector sees nothing")
	}
	program := ""
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome", "google-chrome-stable"} {
		if p, err := exec.LookPath(name); err == nil {
			program = p
			break
		}
	}
	if program == "" {
		t.Skip("there is no chromium on PATH, so the page was not looked at in a browser: install Debian's package chromium")
	}
	options := append(slices.Clone(chromedp.DefaultExecAllocatorOptions[:]), chromedp.ExecPath(program),
		chromedp.UserDataDir(t.TempDir()), chromedp.WindowSize(1280, 900), chromedp.WSURLReadTimeout(time.Minute))
	if os.Geteuid() == 0 {
		options = append(options, chromedp.NoSandbox)
	}
	ctx, cancel := context.WithTimeout(context.Background(), 90*time.Second)
	t.Cleanup(cancel)
	ctx, cancel = chromedp.NewExecAllocator(ctx, options...)
	t.Cleanup(cancel)
	ctx, cancel = chromedp.NewContext(ctx)
	t.Cleanup(func() { // it ends the browser and waits for that, so that its folder can go
		_ = chromedp.Cancel(ctx)
		cancel()
	})
	b := &browser{ctx: ctx}
	if err := chromedp.Listen(ctx, b.watch); err != nil {
		t.Fatalf("the browser %s doesn't start: %v", program, err)
	}
	call(t, b, network.Enable, network.EnableParams{})
	call(t, b, log.Enable, cdp.Empty{})
	return b
}

// load opens a page from disk.
func (b *browser) load(t *testing.T, html []byte) {
	t.Helper()
	path := filepath.Join(t.TempDir(), PageFile)
	if err := os.WriteFile(path, html, 0o666); err != nil {
		t.Fatal(err)
	}
	b.mu.Lock()
	b.problems, b.requests = nil, nil
	b.mu.Unlock()
	b.run(t, chromedp.Navigate("file://"+filepath.ToSlash(path)), chromedp.WaitReady("main"))
}

// watch notes what the browser complains about and asks for.
func (b *browser) watch(event any) {
	b.mu.Lock()
	defer b.mu.Unlock()
	switch e := event.(type) {
	case *runtime.EventConsoleAPICalled:
		b.problems = append(b.problems, fmt.Sprintf("console.%s", e.Type))
	case *runtime.EventExceptionThrown:
		b.problems = append(b.problems, fmt.Sprintf("%+v", *e.ExceptionDetails))
	case *log.EventEntryAdded:
		b.problems = append(b.problems, fmt.Sprintf("%s: %s", e.Entry.Level, e.Entry.Text))
	case *network.EventRequestWillBeSent:
		b.requests = append(b.requests, e.Request.URL)
	}
}

func (b *browser) run(t *testing.T, steps ...chromedp.Action[chromedp.Void]) {
	t.Helper()
	if err := chromedp.Do(b.ctx, steps...); err != nil {
		t.Fatalf("in the browser: %v", err)
	}
}

// call is a command of the browser's protocol.
func call[P, R any](t *testing.T, b *browser, command cdp.Command[P, R], params P) R {
	t.Helper()
	answer, err := chromedp.Call(b.ctx, command, params)
	if err != nil {
		t.Fatalf("%s: %v", command.Method, err)
	}
	return answer
}

// ask evaluates an expression of JavaScript.
func ask[T any](t *testing.T, b *browser, expression string) T {
	t.Helper()
	answer, err := chromedp.Run(b.ctx, chromedp.Evaluate[T](expression))
	if err != nil {
		t.Fatalf("%s: %v", expression, err)
	}
	return answer
}

// quiet fails when the page made the browser complain, or asked for anything but itself.
func (b *browser) quiet(t *testing.T) {
	t.Helper()
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, p := range b.problems {
		t.Errorf("the browser says: %s", p)
	}
	for _, r := range b.requests {
		if !strings.HasPrefix(r, "file://") && !strings.HasPrefix(r, "data:") {
			t.Errorf("a request leaves the page: %s", r)
		}
	}
	if n := len(slices.DeleteFunc(slices.Clone(b.requests), func(r string) bool { return strings.HasPrefix(r, "data:") })); n != 1 {
		t.Errorf("the page is %d requests: %v", n, b.requests)
	}
}

// look sets the size of the window and whether it is dark, and takes a picture from so far down.
func (b *browser) look(t *testing.T, name string, width, height int64, scheme, from string) []byte {
	t.Helper()
	b.run(t, chromedp.EmulateViewport(width, height))
	call(t, b, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{
		Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: scheme}},
	})
	b.run(t, chromedp.Evaluate[chromedp.Void](fmt.Sprintf("document.querySelector(%q).scrollIntoView()", from)))
	shot, err := chromedp.Run(b.ctx, chromedp.CaptureScreenshot())
	if err != nil {
		t.Fatalf("taking a picture: %v", err)
	}
	if *shots != "" {
		if err := os.WriteFile(filepath.Join(*shots, name+".png"), shot, 0o666); err != nil {
			t.Fatal(err)
		}
	}
	return shot
}

// TestBrowser opens a page of many rows in a real browser: it is silent, asks for nothing, sorts, filters, works
// by keyboard, and fits a phone, in light and in dark.
func TestBrowser(t *testing.T) {
	r, err := Make(browserInput(t))
	if err != nil {
		t.Fatal(err)
	}
	b := open(t)
	b.load(t, r.HTML)
	t.Run("sort", func(t *testing.T) { trySort(t, b) })
	t.Run("filter", func(t *testing.T) { tryFilter(t, b) })
	t.Run("keyboard", func(t *testing.T) { tryKeyboard(t, b) })
	t.Run("reader", func(t *testing.T) { tryReader(t, b) })
	t.Run("download", func(t *testing.T) { tryDownload(t, b) })
	t.Run("sizes", func(t *testing.T) { trySizes(t, b) })
	b.quiet(t)

	page, err := History(historyIndex())
	if err != nil {
		t.Fatal(err)
	}
	b.load(t, page)
	b.look(t, "history", 1280, 900, "light", "body")
	b.look(t, "history-phone", 360, 900, "dark", "#trails")
	if w := ask[int64](t, b, "document.documentElement.scrollWidth"); w > 360 {
		t.Errorf("the history is %d wide on a phone", w)
	}
	if n := ask[int](t, b, `document.querySelectorAll("svg.spark").length`); n != 8 {
		t.Errorf("%d rows have a line over the runs, want 8", n)
	}
	b.quiet(t)
}

const verdictRows = `[...document.querySelectorAll("section[aria-labelledby=verdicts] tbody tr")]`

func trySort(t *testing.T, b *browser) {
	column := func() []float64 { // of the CPU counts, then of ours
		return ask[[]float64](t, b, verdictRows+`.map(r => Number(r.cells[2].dataset.v))`)
	}
	click := func() string {
		return ask[string](t, b, `(() => { const th = document.querySelectorAll("section[aria-labelledby=verdicts] thead th")[2];
			th.firstElementChild.click(); return th.getAttribute("aria-sort") })()`)
	}
	before := column()
	if slices.IsSorted(before) {
		t.Fatalf("sorted from the start, so this shows nothing: %v", before)
	}
	if s := click(); s != "ascending" || !slices.IsSorted(column()) {
		t.Errorf("one click: %s, %v", s, column())
	}
	if s := click(); s != "descending" || !slices.IsSortedFunc(column(), func(a, b float64) int { return cmp.Compare(b, a) }) {
		t.Errorf("two clicks: %s, %v", s, column())
	}
	if n := len(column()); n != len(before) {
		t.Errorf("%d rows, before %d", n, len(before))
	}
	if n := ask[int](t, b, `document.querySelectorAll("section[aria-labelledby=verdicts] th[aria-sort]").length`); n != 1 {
		t.Errorf("%d columns say that they are sorted", n)
	}
}

func tryFilter(t *testing.T, b *browser) {
	const input = "section[aria-labelledby=verdicts] .filter input"
	visible := func() int {
		return ask[int](t, b, verdictRows+`.filter(r => r.offsetHeight > 0).length`)
	}
	all := visible()
	b.run(t, chromedp.SendKeys(input, "cancel mutexpool"))
	some := visible()
	want := ask[int](t, b, verdictRows+`.filter(r => /cancel/i.test(r.textContent) && /mutexpool/.test(r.textContent)).length`)
	if some != want || some == 0 || some >= all {
		t.Errorf("%d of %d rows are left, want %d", some, all, want)
	}
	if said := ask[string](t, b, `document.querySelector("section[aria-labelledby=verdicts] .filter output").textContent`); said != fmt.Sprintf("%d of %d rows", some, all) {
		t.Errorf("it says %q", said)
	}
	b.run(t, chromedp.SendKeys(input, strings.Repeat(kb.Backspace, len("cancel mutexpool"))))
	if n := visible(); n != all {
		t.Errorf("without a filter %d of %d rows", n, all)
	}
}

func tryKeyboard(t *testing.T, b *browser) {
	focus := func() string {
		return ask[string](t, b, `document.activeElement.className + " " + document.activeElement.tagName + " " + document.activeElement.textContent.slice(0, 20)`)
	}
	b.run(t, chromedp.Evaluate[chromedp.Void](`document.activeElement.blur(); window.scrollTo(0, 0)`), chromedp.KeyEvent(kb.Tab))
	// Where the focus was before decides where it goes on; the skip link is first from the top.
	b.run(t, chromedp.Evaluate[chromedp.Void](`document.querySelector(".skip").focus()`))
	if left := ask[float64](t, b, `document.querySelector(".skip").getBoundingClientRect().left`); left < 0 {
		t.Errorf("the skip link stays out of sight when it has the focus: %v", left)
	}
	b.run(t, chromedp.KeyEvent(kb.Enter))
	if id := ask[string](t, b, `document.activeElement.id`); id != "main" {
		t.Errorf("the skip link leads to %q", focus())
	}
	seen := ""
	for range 8 {
		b.run(t, chromedp.KeyEvent(kb.Tab))
		seen += focus() + "; "
		if strings.Contains(seen, "BUTTON") {
			break
		}
	}
	if !strings.Contains(seen, "INPUT") || !strings.Contains(seen, "BUTTON row") {
		t.Fatalf("Tab goes through %s", seen)
	}
	if outline := ask[string](t, b, `getComputedStyle(document.activeElement).outlineStyle`); outline != "solid" {
		t.Errorf("the focus isn't visible: outline %s", outline)
	}
	b.run(t, chromedp.KeyEvent(kb.Enter))
	if s := ask[string](t, b, `document.activeElement.closest("th").getAttribute("aria-sort") + document.activeElement.tagName`); s != "ascendingBUTTON" {
		t.Errorf("Enter on a heading: %s", s)
	}
}

// tryReader looks at what a screen reader is told.
func tryReader(t *testing.T, b *browser) {
	for what, expression := range map[string]string{
		"charts without role, title or description": `[...document.querySelectorAll("svg.chart")].filter(s => s.getAttribute("role") != "img" ||
			!s.getAttribute("aria-labelledby").split(" ").every(id => document.getElementById(id)?.textContent.length > 5)).length`,
		"names that are given twice":   `(() => { const ids = [...document.querySelectorAll("[id]")].map(e => e.id); return ids.length - new Set(ids).size })()`,
		"labels that lead nowhere":     `[...document.querySelectorAll("[aria-labelledby], [for], [aria-controls]")].filter(e => !(e.getAttribute("aria-labelledby") ?? e.getAttribute("for") ?? e.getAttribute("aria-controls")).split(" ").every(id => document.getElementById(id))).length`,
		"links that lead nowhere":      `[...document.querySelectorAll('a[href^="#"]')].filter(a => !document.getElementById(decodeURIComponent(a.getAttribute("href").slice(1)))).length`,
		"tables without a caption":     `[...document.querySelectorAll("table")].filter(t => !t.caption?.textContent).length`,
		"headings out of order":        `(() => { let last = 0, bad = 0; for (const h of document.querySelectorAll("h1,h2,h3,h4")) { const n = +h.tagName[1]; if (n > last + 1) bad++; last = n } return bad })()`,
		"figures without a table near": `[...document.querySelectorAll(".panels")].filter(p => !p.closest("section").querySelector("table")).length`,
		"pages without a language":     `document.documentElement.lang == "en" ? 0 : 1`,
		"mains that aren't one":        `document.querySelectorAll("main").length - 1`,
	} {
		if n := ask[int](t, b, expression); n != 0 {
			t.Errorf("%d %s", n, what)
		}
	}
	if n := ask[int](t, b, `document.querySelectorAll("svg.chart").length`); n < 10 {
		t.Errorf("%d charts: this looks at the wrong thing", n)
	}
}

// tryDownload: the raw text is in the page as it was measured.
func tryDownload(t *testing.T, b *browser) {
	href := ask[string](t, b, `document.querySelector("a[download='bench.txt']").href`)
	_, data, ok := strings.Cut(href, ";base64,")
	got, err := base64.StdEncoding.DecodeString(data)
	if err != nil || !ok || string(got) != string(browserInput(t).Bench) {
		t.Errorf("the page holds %d bytes of the raw text, %v", len(got), err)
	}
}

// trySizes: nothing is wider than the window, and both schemes show.
func trySizes(t *testing.T, b *browser) {
	for _, c := range []struct {
		name          string
		width, height int64
		scheme        string
		ground        string
	}{
		{"light", 1280, 1500, "light", "rgb(255, 255, 255)"},
		{"dark", 1280, 1500, "dark", "rgb(15, 18, 21)"},
		{"phone", 360, 1500, "light", "rgb(255, 255, 255)"},
		{"phone-dark", 360, 1500, "dark", "rgb(15, 18, 21)"},
	} {
		for _, from := range []string{"body", "#operations", "#latency", "#memory", "#scaling", "#environment"} {
			if !ask[bool](t, b, fmt.Sprintf("document.querySelector(%q) != null", from)) {
				t.Errorf("no %s", from)
				continue
			}
			if *shots == "" && from != "#operations" {
				continue
			}
			if shot := b.look(t, c.name+"-"+strings.TrimPrefix(from, "#"), c.width, c.height, c.scheme, from); len(shot) < 20000 {
				t.Errorf("%s from %s is a picture of %d bytes: nothing on it?", c.name, from, len(shot))
			}
		}
		if w := ask[int64](t, b, "document.documentElement.scrollWidth"); w > c.width {
			t.Errorf("%s: the page is %d wide, %s", c.name, w, ask[string](t, b, fmt.Sprintf(
				`[...document.querySelectorAll("body *")].filter(e => !e.closest(".scroll") && e.getBoundingClientRect().right > %d).map(e => e.tagName + "." + e.className).slice(0, 5).join(" ")`, c.width+1)))
		}
		if g := ask[string](t, b, "getComputedStyle(document.body).backgroundColor"); g != c.ground {
			t.Errorf("%s: the ground is %s", c.name, g)
		}
		ink := ask[string](t, b, `getComputedStyle(document.querySelector("svg.chart text")).fill`)
		if dark := ink != "rgb(31, 35, 40)"; dark != (c.scheme == "dark") {
			t.Errorf("%s: text of a chart is %s", c.name, ink)
		}
	}
}
