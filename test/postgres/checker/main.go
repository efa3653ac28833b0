// Says of histories of a queue whether they are linearizable: whether each call may have happened at one moment
// between its beginning and its end, all of them in one order that the model of the queue allows.
//
// Reads histories from standard input as JSON, a list of lists of calls, and prints a line for each of them: "ok",
// or what is wrong with it.
package main

import (
	"encoding/json"
	"fmt"
	"log"
	"os"
	"time"

	"github.com/anishathalye/porcupine"
)

// For how long one history is looked at.
const patience = 2 * time.Minute

func main() {
	log.SetFlags(0)
	var histories [][]call
	if err := json.NewDecoder(os.Stdin).Decode(&histories); err != nil {
		log.Fatal(err)
	}
	for _, history := range histories {
		fmt.Println(check(history))
	}
}

// What is wrong with a history; "ok" for nothing.
func check(history []call) string {
	operations := operationsOf(history)
	model := modelOf(history)
	result, info := porcupine.CheckOperationsVerbose(model, operations, patience)
	switch result {
	case porcupine.Ok:
		return "ok"
	case porcupine.Unknown:
		return fmt.Sprintf("not decided within %v: %d calls", patience, len(operations))
	default:
		return "not linearizable: " + explain(info, model, operations)
	}
}

// The longest order that explains a part of the calls, and the first of the others.
func explain(info porcupine.LinearizationInfo, model porcupine.Model, operations []porcupine.Operation) string {
	var longest []porcupine.Operation
	for _, partition := range info.PartialLinearizationsOperations() {
		for _, order := range partition {
			if len(order) > len(longest) {
				longest = order
			}
		}
	}
	explained := map[int]bool{}
	for _, operation := range longest {
		explained[operation.Metadata.(int)] = true
	}
	text := fmt.Sprintf("%d of %d calls explain each other;", len(longest), len(operations))
	tail := longest
	if len(tail) > 6 {
		tail = tail[len(tail)-6:]
	}
	for _, operation := range tail {
		text += " " + model.DescribeOperation(operation.Input, operation.Output) + ";"
	}
	text += " and then not:"
	told := 0
	for _, operation := range operations {
		if !explained[operation.Metadata.(int)] && told < 6 {
			text += " " + model.DescribeOperation(operation.Input, operation.Output) + ";"
			told++
		}
	}
	return text
}
