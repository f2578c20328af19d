//go:build !race

package report

// underRace tells that everything takes ten times as long.
const underRace = false
