# Power of two-sided t-tests from base R, both tails counted, for cases the closed form must match.
# Run from this folder: Rscript power_reference.R > power_reference.csv
# Clustered cases use the textbook reduction: clusters of one size are a t-test on cluster means,
# whose variance is sd^2 (icc + (1 - icc) / size).
cases <- data.frame(
  case = c("people_small", "people_large", "people_weak", "clusters_20x15", "clusters_40x8",
           "clusters_12x30"),
  per_arm = c(20, 150, 64, 10, 20, 6),
  size = c(1, 1, 1, 15, 8, 30),
  icc = c(0, 0, 0, 0.05, 0.10, 0.03),
  sd = c(1, 20, 1.8, 1, 2.5, 20),
  effect = c(0.8, 6, 0.3, 0.5, 1, 9),
  significance = c(0.05, 0.05, 0.10, 0.05, 0.01, 0.05)
)
mean_sd <- sqrt(cases$sd^2 * (cases$icc + (1 - cases$icc) / cases$size))
cases$power <- mapply(
  function(n, d, s, a) power.t.test(n, d, s, a, strict = TRUE)$power,
  cases$per_arm, cases$effect, mean_sd, cases$significance
)
cases$detectable <- mapply(
  function(n, s, a) power.t.test(n, NULL, s, a, power = 0.8, strict = TRUE, tol = 1e-10)$delta,
  cases$per_arm, mean_sd, cases$significance
)
cases$power <- sprintf("%.10f", cases$power)
cases$detectable <- sprintf("%.8f", cases$detectable)
cat("#", R.version.string, "\n")
write.csv(cases, row.names = FALSE, quote = FALSE)
