module easycli

go 1.26
