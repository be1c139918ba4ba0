# Answers of R's packages on the reference cases; run once, its output is committed.
# Usage: Rscript reference.R (reads people.csv and clusters.csv, writes reference.csv).
suppressMessages({
  library(sandwich)
  library(clubSandwich)
  library(estimatr)
  library(coin)
})

rows <- list()
add <- function(case, source, term, estimate, error, df, p) {
  rows[[length(rows) + 1]] <<- data.frame(
    case = case, source = source, term = term, estimate = estimate, error = error,
    df = df, p = p
  )
}
from_robust <- function(case, fit) {
  # estimatr keeps a term it dropped as NA; such terms have no place in the comparison.
  keep <- !is.na(fit$coefficients)
  add(
    case, "estimatr", names(fit$coefficients)[keep], fit$coefficients[keep],
    fit$std.error[keep], fit$df[keep], fit$p.value[keep]
  )
}
from_club <- function(case, fit, kind, cluster) {
  found <- as.data.frame(coef_test(fit, vcov = kind, cluster = cluster, test = "Satterthwaite"))
  add(case, "clubSandwich", found$Coef, found$beta, found$SE, found$df_Satt, found$p_Satt)
}

people <- read.csv("people.csv")
people$arm <- factor(people$arm)
people$block <- factor(people$block)
formula <- y ~ x + z + block + arm
for (kind in c("classical", "HC2", "HC3")) {
  from_robust(paste0("people/", kind, "/none"), lm_robust(formula, people, se_type = kind))
  from_robust(
    paste0("people/", kind, "/weight"),
    lm_robust(formula, people, weights = weight, se_type = kind)
  )
}
plain <- lm(formula, people)
for (kind in c("HC2", "HC3")) {
  error <- sqrt(diag(vcovHC(plain, type = kind)))
  t <- coef(plain) / error
  add(
    paste0("people/", kind, "/none"), "sandwich", names(coef(plain)), coef(plain), error,
    plain$df.residual, 2 * pt(-abs(t), plain$df.residual)
  )
}
two <- people[people$arm != 2, ]
two$treated <- as.numeric(two$arm == 1)
two$block <- droplevels(two$block)
lin <- lm_lin(y ~ treated, ~ x + z, two, se_type = "HC2")
from_robust("two/lin", lin)
welch <- t.test(y ~ treated, two)
add(
  "two/welch", "stats", "treated", -diff(rev(welch$estimate)), welch$stderr, welch$parameter,
  welch$p.value
)

clusters <- read.csv("clusters.csv")
clusters$stratum <- factor(clusters$stratum)
for (weighting in c("none", "weight", "inverse_size")) {
  clusters$w <- if (weighting == "none") 1 else clusters[[weighting]]
  case <- paste0("clusters/CR2/", weighting)
  fit <- lm(y ~ x + stratum + treated, clusters, weights = w)
  from_club(case, fit, "CR2", clusters$building)
  from_robust(
    case,
    lm_robust(
      y ~ x + stratum + treated, clusters, weights = w, clusters = building, se_type = "CR2"
    )
  )
  # CR3 needs adjustment matrices that can be inverted, so it goes without strata.
  fit <- lm(y ~ x + treated, clusters, weights = w)
  from_club(paste0("plain/CR3/", weighting), fit, "CR3", clusters$building)
}

# Permutation tests: exact without blocks; resampled within blocks, for coin lists no blocks.
few <- two[c(1:6, 17:22), ]
few$treated <- factor(few$treated)
exact <- pvalue(oneway_test(y ~ treated, few, distribution = "exact"))
add("few/exact", "coin", "treated", NA, NA, NA, as.numeric(exact))
few$pair <- factor(rep(c("a", "b"), each = 6))
set.seed(1)
resampled <- pvalue(
  oneway_test(y ~ treated | pair, few, distribution = approximate(nresample = 200000))
)
add("few/resampled within blocks", "coin", "treated", NA, NA, NA, as.numeric(resampled))

add("holm", "stats", c("a", "b", "c", "d"), NA, NA, NA,
    p.adjust(c(0.01, 0.04, 0.03, 0.005), "holm"))

versions <- sapply(c("sandwich", "clubSandwich", "estimatr", "coin"), function(name) {
  as.character(packageVersion(name))
})
out <- do.call(rbind, rows)
for (column in c("estimate", "error", "df", "p")) {
  out[[column]] <- ifelse(is.na(out[[column]]), "", trimws(formatC(out[[column]], digits = 15)))
}
write.csv(out, "reference.csv", row.names = FALSE, quote = FALSE)
writeLines(
  c(R.version.string, paste(names(versions), versions)), "reference-versions.txt"
)
