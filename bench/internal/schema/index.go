package schema

// An Index is the history of the committed runs.
type Index struct {
	Head
	Runs []Run   `json:"runs"` // in the order of time
	Rows []Trail `json:"rows"`
}

// A Run is one folder of results.
type Run struct {
	Folder    string `json:"folder"`
	Time      string `json:"time"` // RFC 3339, from the folder's name; "unknown"
	Commit    string `json:"commit"`
	Machine   string `json:"machine"`   // runs of the same machine have the same text
	Condition string `json:"condition"` // kernel, compiler, settings: what may move figures on one machine
	Samples   int    `json:"samples"`
}

// A Trail is one row, as one implementation measured in the runs.
type Trail struct {
	Benchmark string  `json:"benchmark"`
	Keys      []Pair  `json:"keys"`
	Unit      string  `json:"unit"`
	CPUs      int     `json:"cpus"`
	Impl      string  `json:"impl"`
	Points    []Point `json:"points"`
}

// Row names the trail's row without CPUs and implementation.
func (t Trail) Row() string {
	if len(t.Keys) == 0 {
		return t.Benchmark
	}
	return t.Benchmark + " " + Join(t.Keys)
}

// A Point is a row's median in one run.
type Point struct {
	Run    int      `json:"run"` // in Runs
	N      int      `json:"n"`
	Median float64  `json:"median"`
	Low    *float64 `json:"low"`
	High   *float64 `json:"high"`
	Step   *Step    `json:"step,omitempty"` // since the point before of the same machine
}

// A Step is a change that is larger than the noise.
type Step struct {
	Change    float64 `json:"change"` // 0.1 is ten percent more
	P         float64 `json:"p"`
	Condition bool    `json:"condition_differs"` // something else changed as well
}
