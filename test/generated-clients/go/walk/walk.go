// Package walk is what the programs beside it share: what they print, and how they read a Link header.
package walk

import (
	"encoding/json"
	"fmt"
	"net/url"
	"os"
	"regexp"
)

// Unknown is the id of no deployment.
const Unknown = "019b8d3f-5a40-7c3e-8f21-6a5b4c3d2e1f"

// Created is what a program tells of a deployment that it has registered.
type Created struct {
	ID        string  `json:"id"`
	Status    string  `json:"status"`
	Cell      *string `json:"cell"`
	CreatedAt int64   `json:"createdAt"`
}

// Rollback is what a program tells of a rollback.
type Rollback struct {
	Status  string `json:"status"`
	Trigger string `json:"trigger"`
	Version string `json:"version"`
	From    string `json:"from"`
}

// Problem is what a program tells of problem details.
type Problem struct {
	Status    int     `json:"status"`
	Type      string  `json:"type"`
	Parameter *string `json:"parameter"`
}

// Result is what a program prints of its calls.
type Result struct {
	Base       *string      `json:"base"`
	Created    Created      `json:"created"`
	Read       string       `json:"read"`
	Pages      [][]string   `json:"pages"`
	Deployed   string       `json:"deployed"`
	Cleared    *string      `json:"cleared"`
	Rollback   Rollback     `json:"rollback"`
	CopiedFrom []string     `json:"copiedFrom"`
	Events     [][2]*string `json:"events"`
	Missing    Problem      `json:"missing"`
	Invalid    Problem      `json:"invalid"`
}

// Later is what a program prints of a service that knows more than its client.
type Later struct {
	Status   string `json:"status"`
	Provider string `json:"provider"`
	Type     string `json:"type"`
	Trigger  string `json:"trigger"`
	Cause    string `json:"cause"`
	Problem  string `json:"problem"`
}

var next = regexp.MustCompile(`<([^>]*)>; rel="next"`)

// NextCursor is the cursor of the next page, of a Link header (RFC 8288); empty on the last page.
func NextCursor(link string) string {
	match := next.FindStringSubmatch(link)
	if match == nil {
		return ""
	}
	target := Must(url.Parse(match[1]))
	return target.Query().Get("cursor")
}

// Must ends the program when a call failed.
func Must[T any](value T, err error) T {
	Check(err)
	return value
}

// Check ends the program when something failed.
func Check(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// Print writes what a program has found out.
func Print(result any) {
	Check(json.NewEncoder(os.Stdout).Encode(result))
}
