complete --keep-order --exclusive --command crmreco --arguments "(COMPLETE=fish crmreco -- (commandline --current-process --tokenize --cut-at-cursor) (commandline --current-token))"
