package report

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

func TestSite(t *testing.T) {
	in := input(t, folderOf(t, "BenchmarkX/impl=lockfree-1 1 5 ns/op", "BenchmarkX/impl=lockfree-2 1 4 ns/op"))
	r := made(t, in)
	s := NewSite(in, r, []byte("{}"), 8080)
	ask := func(method, host, path string) *http.Response {
		q := httptest.NewRequest(method, "http://example.org/", nil)
		q.Host, q.URL.Path = host, path
		w := httptest.NewRecorder()
		s.ServeHTTP(w, q)
		return w.Result()
	}
	for _, c := range []struct {
		method, host, path string
		code               int
		kind               string
	}{
		{"GET", "127.0.0.1:8080", "/", 200, "text/html; charset=utf-8"},
		{"GET", "localhost:8080", "/report.html", 200, "text/html; charset=utf-8"},
		{"HEAD", "localhost:8080", "/bench.txt", 200, "text/plain; charset=utf-8"},
		{"GET", "localhost:8080", "/results.json", 200, "application/json"},
		{"GET", "localhost:8080", "/charts/" + r.Charts[0].Name, 200, "image/svg+xml"},
		{"GET", "localhost:8080", "/charts/", 404, ""},
		{"GET", "localhost:8080", "/charts", 404, ""},
		{"GET", "localhost:8080", "/charts/../bench.txt", 404, ""},
		{"GET", "localhost:8080", "/../go.mod", 404, ""},
		{"GET", "localhost:8080", "/etc/passwd", 404, ""},
		{"POST", "localhost:8080", "/", 405, ""},
		{"GET", "evil.example:8080", "/", 421, ""},
		{"GET", "localhost", "/", 421, ""},
		{"GET", "localhost:8081", "/", 421, ""},
		{"GET", "127.0.0.1.evil.example:8080", "/", 421, ""},
		{"GET", "", "/", 421, ""},
	} {
		got := ask(c.method, c.host, c.path)
		if got.StatusCode != c.code || c.kind != "" && got.Header.Get("Content-Type") != c.kind {
			t.Errorf("%s %s%s: %d, %s", c.method, c.host, c.path, got.StatusCode, got.Header.Get("Content-Type"))
		}
		if got.Header.Get("X-Content-Type-Options") != "nosniff" || !strings.Contains(got.Header.Get("Content-Security-Policy"), "frame-ancestors 'none'") {
			t.Errorf("%s %s%s: headers %v", c.method, c.host, c.path, got.Header)
		}
	}
}
