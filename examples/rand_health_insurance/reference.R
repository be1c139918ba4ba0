# CR2 standard errors and degrees of freedom of the visits table by R's estimatr, as an independent
# check. Run after prepare.py: Rscript reference.R STUDY/person_years.csv > reference.csv
suppressMessages(library(estimatr))
table <- read.csv(commandArgs(trailingOnly = TRUE)[1])
table$plan <- relevel(factor(table$plan), ref = "free")
fit <- lm_robust(visits ~ plan, data = table, clusters = family, se_type = "CR2")
cat("#", R.version.string, "estimatr", as.character(packageVersion("estimatr")), "\n")
cat("arm,estimate,standard_error,degrees_of_freedom\n")
arms <- names(fit$coefficients)[-1]
cat(sprintf("%s,%.8f,%.8f,%.4f\n", sub("^plan", "", arms), fit$coefficients[-1],
            fit$std.error[-1], fit$df[-1]), sep = "")
