# Makes items.csv, reliability.csv and composite.csv, against which compute_alpha, compute_omega
# and score_composite are compared. Needs R with the package psych; tests read the frozen output.
# Run in this folder:  Rscript make_reference.R
suppressPackageStartupMessages(library(psych))
set.seed(20260101)

answer <- function(n, loadings, top) {
  factor <- rnorm(n)
  sapply(loadings, function(l) {
    pmin(pmax(round(4 + 1.4 * (l * factor + sqrt(1 - l^2) * rnorm(n))), 1), top)
  })
}
scales <- list(
  eight = answer(120, c(.8, .75, .7, .65, .8, .6, .55, .7), 6),
  three = answer(60, c(.9, .6, .5), 7),
  weak = answer(200, c(.3, .4, .2, .5, .35), 7),
  mixed_spread = answer(90, c(.8, .7, .6, .5), 7) %*% diag(c(1, 10, 0.5, 3))
)

long <- do.call(rbind, lapply(names(scales), function(name) {
  x <- scales[[name]]
  data.frame(scale = name, row = c(row(x)), item = c(col(x)), value = c(x))
}))
write.csv(long, "items.csv", row.names = FALSE, quote = FALSE)

omega_of <- function(loadings, uniquenesses, spread) {
  common <- sum(spread * loadings)^2
  common / (common + sum(spread^2 * uniquenesses))
}
rows <- lapply(names(scales), function(name) {
  x <- scales[[name]]
  spread <- apply(x, 2, sd)
  ml <- fa(cor(x), nfactors = 1, fm = "ml", n.obs = nrow(x))
  base <- factanal(covmat = cor(x), factors = 1, n.obs = nrow(x), control = list(opt = list(factr = 1)))
  data.frame(
    scale = name,
    alpha_psych = suppressWarnings(alpha(x, check.keys = FALSE))$total$raw_alpha,
    omega_psych = omega_of(ml$loadings[, 1], ml$uniquenesses, spread),
    omega_factanal = omega_of(base$loadings[, 1], base$uniquenesses, spread)
  )
})
write.csv(format(do.call(rbind, rows), digits = 12), "reliability.csv", row.names = FALSE, quote = FALSE)

# A composite of the first three items of `eight`, the first 50 rows being the reference group.
x <- scales$eight[, 1:3]
reference <- seq_len(50)
z <- sweep(sweep(x, 2, colMeans(x[reference, ])), 2, apply(x[reference, ], 2, sd), "/")
z[, 3] <- -z[, 3]
inverse <- solve(cov(z[reference, ]))
write.csv(
  format(data.frame(
    sum = rowSums(z), mean = rowMeans(z),
    inverse_covariance = c(z %*% inverse %*% rep(1, 3)) / sum(inverse)
  ), digits = 12),
  "composite.csv", row.names = FALSE, quote = FALSE
)
