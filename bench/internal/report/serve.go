package report

import (
	"fmt"
	"net/http"
	"path"
	"slices"
)

// Site is what a server shows: a page and its files, by their paths, and nothing else on the disk. It is
// read-only once it serves.
type Site struct {
	files map[string][]byte
	hosts []string
}

// NewSite returns a report's site for a server on a port of this machine alone.
func NewSite(in *Input, r *Report, data []byte, port int) *Site {
	s := &Site{files: map[string][]byte{
		"/": r.HTML, "/" + PageFile: r.HTML, "/bench.txt": in.Bench, "/results.json": data,
	}}
	for _, f := range r.Charts {
		s.files["/"+ChartsDir+"/"+f.Name] = f.Data
	}
	for _, name := range []string{"127.0.0.1", "localhost"} {
		s.hosts = append(s.hosts, fmt.Sprintf("%s:%d", name, port))
	}
	return s
}

// Add shows one more file, at a path that begins with a slash.
func (s *Site) Add(at string, data []byte) { s.files[at] = data }

// ServeHTTP answers for the files there are. A request that names another host came by a name that somebody
// made point here (DNS rebinding), and is refused.
func (s *Site) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
	h.Set("Content-Security-Policy", "frame-ancestors 'none'")
	h.Set("Cache-Control", "no-store")
	switch {
	case !slices.Contains(s.hosts, r.Host):
		http.Error(w, "this server answers to its own address only", http.StatusMisdirectedRequest)
		return
	case r.Method != http.MethodGet && r.Method != http.MethodHead:
		h.Set("Allow", "GET, HEAD")
		http.Error(w, "only for reading", http.StatusMethodNotAllowed)
		return
	}
	data, ok := s.files[r.URL.Path]
	if !ok {
		http.NotFound(w, r)
		return
	}
	h.Set("Content-Type", contentType(r.URL.Path))
	_, _ = w.Write(data) // the reader went away: nothing to do about it
}

func contentType(name string) string {
	switch path.Ext(name) {
	case ".svg":
		return "image/svg+xml"
	case ".png":
		return "image/png"
	case ".txt":
		return "text/plain; charset=utf-8"
	case ".json":
		return "application/json"
	case "", ".html":
		return "text/html; charset=utf-8"
	}
	return "application/octet-stream"
}
