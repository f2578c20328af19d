package schema

// Results is a whole run.
type Results struct {
	Head
	Folder      string    `json:"folder"`      // the run's name, "" of a file that is in none
	Environment []Pair    `json:"environment"` // the header of the file, in its order
	Notes       []string  `json:"notes"`       // what the file says of how it came about
	Alpha       float64   `json:"alpha"`       // two samples differ below this p
	Confidence  float64   `json:"confidence"`  // of the intervals
	R           float64   `json:"r_seconds"`   // one uncontended atomic add, 0 where it wasn't measured
	Ours        string    `json:"ours"`        // the implementation that verdicts are about
	Tables      []Table   `json:"tables"`
	Verdicts    []Verdict `json:"verdicts"`
	Summary     Summary   `json:"summary"`
}

// A Pair is a key with its value.
type Pair struct {
	Key   string `json:"key"`
	Value string `json:"value"`
}

// A Table is a benchmark's measurements in one unit.
type Table struct {
	Benchmark string   `json:"benchmark"`
	Unit      string   `json:"unit"`   // a base unit: sec/op, allocs/op, B/fence
	Better    string   `json:"better"` // Less or More
	Base      string   `json:"base"`   // what Against of the others refers to
	Impls     []string `json:"impls"`  // in the order of the columns
	Rows      []Row    `json:"rows"`
}

// The values of Table.Better.
const (
	Less = "less"
	More = "more"
)

// A Row is a case on so many CPUs.
type Row struct {
	Keys           []Pair `json:"keys"` // callbacks=8, in the order of the name
	CPUs           int    `json:"cpus"` // 0 when the name doesn't say
	Oversubscribed bool   `json:"oversubscribed"`
	Cells          []Cell `json:"cells"` // those that were measured, in the order of Impls
}

// Case names what the row measures, without the CPUs: "callbacks=8 goroutines=2".
func (r Row) Case() string { return Join(r.Keys) }

// Join writes keys as the tables do: "callbacks=8 goroutines=2".
func Join(keys []Pair) string {
	text := ""
	for i, k := range keys {
		if i > 0 {
			text += " "
		}
		text += k.Key
		if k.Value != "" {
			text += "=" + k.Value
		}
	}
	return text
}

// Cell returns the measurements of an implementation, nil without any.
func (r Row) Cell(impl string) *Cell {
	for i := range r.Cells {
		if r.Cells[i].Impl == impl {
			return &r.Cells[i]
		}
	}
	return nil
}

// A Cell is one implementation's sample.
type Cell struct {
	Impl    string      `json:"impl"`
	N       int         `json:"n"`
	Median  float64     `json:"median"`
	Low     *float64    `json:"low"` // of the interval; null where so few samples give none
	High    *float64    `json:"high"`
	Against *Comparison `json:"against_base,omitempty"`
}

// A Comparison is with the base column, by the Mann-Whitney U test.
type Comparison struct {
	Change    *float64 `json:"change"` // 0.1 is ten percent more; null from zero
	P         float64  `json:"p"`
	Different bool     `json:"different"` // P is below Alpha
}

// A Verdict holds ours against the best conventional implementation of a row.
type Verdict struct {
	Benchmark      string  `json:"benchmark"`
	Keys           []Pair  `json:"keys"`
	Unit           string  `json:"unit"`
	CPUs           int     `json:"cpus"`
	Oversubscribed bool    `json:"oversubscribed"`
	Ours           float64 `json:"ours"`
	Rival          string  `json:"rival"`
	RivalMedian    float64 `json:"rival_median"`
	Factor         float64 `json:"factor"` // how much better the better one is; 0 where one is at zero
	Low            float64 `json:"low"`    // rival over ours at the ends of the intervals; 0 without intervals
	High           float64 `json:"high"`
	P              float64 `json:"p"`
	Outcome        string  `json:"outcome"`
}

// The values of Verdict.Outcome.
const (
	Ahead  = "ahead"
	Behind = "behind"
	None   = "no difference"
	TooFew = "too few samples"
)

// Row names the verdict's row without its CPUs: "Lifecycle callbacks=8".
func (v Verdict) Row() string {
	if len(v.Keys) == 0 {
		return v.Benchmark
	}
	return v.Benchmark + " " + Join(v.Keys)
}

// A Summary counts verdicts.
type Summary struct {
	Rows   int `json:"rows"`
	Ahead  int `json:"ahead"`
	Behind int `json:"behind"`
	None   int `json:"no_difference"`
	TooFew int `json:"too_few_samples"`
}

// Count counts verdicts by their outcome.
func Count(verdicts []Verdict) Summary {
	s := Summary{Rows: len(verdicts)}
	for _, v := range verdicts {
		switch v.Outcome {
		case Ahead:
			s.Ahead++
		case Behind:
			s.Behind++
		case TooFew:
			s.TooFew++
		default:
			s.None++
		}
	}
	return s
}
