package report

const HistoryFile = "history.html"
