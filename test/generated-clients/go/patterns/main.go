// Command patterns tells which texts match which patterns, by Go's regexp, whose syntax is RE2's.
package main

import (
	"encoding/json"
	"os"
	"regexp"

	"clients/walk"
)

func main() {
	var given struct{ Patterns, Texts []string }
	walk.Check(json.NewDecoder(os.Stdin).Decode(&given))
	matched := [][]bool{}
	for _, pattern := range given.Patterns {
		compiled := walk.Must(regexp.Compile(pattern))
		row := []bool{}
		for _, text := range given.Texts {
			row = append(row, compiled.MatchString(text))
		}
		matched = append(matched, row)
	}
	walk.Print(matched)
}
