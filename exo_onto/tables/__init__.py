"""tables: spreadsheet rows to studies and back; `adding` and `exporting` hold the flow."""
