package retention

// Parts lists the columns whose rows pass to nameless twins, as table.column.
func Parts() []string {
	var out []string
	for _, p := range parts {
		out = append(out, p.table+"."+p.column)
	}
	return out
}
