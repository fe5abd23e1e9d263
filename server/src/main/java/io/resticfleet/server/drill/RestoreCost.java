package io.resticfleet.server.drill;

import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * How long a restore takes: a start, which opens the repository, and a cost for each file and each byte.
 *
 * <p>Fitted to measured restores so that relative errors are smallest, with a weak pull towards typical costs in proportion:
 * few measures, which are often of similar samples, do not tell the three apart. A restore that was far quicker or slower than
 * the others, as on a machine that was idle or busy, counts less.
 */
record RestoreCost(double start, double perFile, double perByte) {

    /** Typical costs: 0.8 s, 1.5 ms a file, 100 MB/s. Only their proportions matter. */
    private static final double[] TYPICAL = {0.8, 0.0015, 1e-8};

    /** Weight of one measure in which the costs are the typical ones. */
    private static final double PULL = 0.02;

    private static final double SHORTEST = 0.05;

    /** Relative error, as a logarithm, beyond which a measure counts less. */
    private static final double USUAL_ERROR = 0.15;

    private static final int ROUNDS = 8;

    /** Fits the costs; empty without measures. */
    static Optional<RestoreCost> of(List<RestoreMeasure> measures) {
        if (measures.isEmpty()) {
            return Optional.empty();
        }
        var scales = measures.stream()
                .mapToDouble(measure -> seconds(measure) / dot(TYPICAL, terms(measure)))
                .sorted()
                .toArray();
        double scale = scales[scales.length / 2]; // the median: one restore may have waited for something else
        var expected = Arrays.stream(TYPICAL).map(cost -> cost * scale).toArray();
        var weights = new double[measures.size()];
        Arrays.fill(weights, 1);
        var costs = positive(measures, expected, weights);
        for (int round = 0; round < ROUNDS; round++) {
            for (int i = 0; i < weights.length; i++) {
                weights[i] = weight(measures.get(i), costs);
            }
            costs = positive(measures, expected, weights);
        }
        return Optional.of(new RestoreCost(costs[0], costs[1], costs[2]));
    }

    /** An estimate of twice the time is as wrong as one of half of it. */
    private static double weight(RestoreMeasure measure, double[] costs) {
        double ratio = seconds(measure) / Math.max(SHORTEST, dot(costs, terms(measure)));
        return ratio * Math.min(1, USUAL_ERROR / Math.max(1e-9, Math.abs(Math.log(ratio))));
    }

    /** Solves without negative costs. */
    private static double[] positive(List<RestoreMeasure> measures, double[] expected, double[] weights) {
        var fixed = new boolean[3];
        var costs = solve(measures, expected, fixed, weights);
        for (int i = 0; i < 3 && lowest(costs) < 0; i++) {
            for (int j = 0; j < 3; j++) {
                fixed[j] |= costs[j] < 0;
            }
            costs = solve(measures, expected, fixed, weights);
        }
        return costs;
    }

    Duration estimate(long files, long bytes) {
        return Duration.ofMillis(Math.round(1_000 * (start + perFile * files + perByte * bytes)));
    }

    private static double lowest(double[] costs) {
        return Math.min(costs[0], Math.min(costs[1], costs[2]));
    }

    private static double seconds(RestoreMeasure measure) {
        return Math.max(SHORTEST, measure.seconds());
    }

    private static double[] terms(RestoreMeasure measure) {
        return new double[] {1, measure.files(), measure.bytes()};
    }

    private static double dot(double[] a, double[] b) {
        return a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
    }

    /**
     * Least squares in shares of the expected costs.
     *
     * @param fixed costs that are 0
     */
    private static double[] solve(List<RestoreMeasure> measures, double[] expected, boolean[] fixed, double[] weights) {
        var matrix = new double[3][4];
        for (int m = 0; m < weights.length; m++) {
            var row = terms(measures.get(m));
            for (int i = 0; i < 3; i++) {
                row[i] *= fixed[i] ? 0 : expected[i] / seconds(measures.get(m));
            }
            add(matrix, row, weights[m]);
        }
        for (int i = 0; i < 3; i++) {
            matrix[i][i] += PULL;
            matrix[i][3] += fixed[i] ? 0 : PULL;
        }
        var shares = eliminate(matrix);
        for (int i = 0; i < 3; i++) {
            shares[i] *= expected[i];
        }
        return shares;
    }

    private static void add(double[][] matrix, double[] row, double weight) {
        for (int i = 0; i < 3; i++) {
            for (int j = 0; j < 3; j++) {
                matrix[i][j] += weight * row[i] * row[j];
            }
            matrix[i][3] += weight * row[i];
        }
    }

    /** Gauss; the matrix is positive definite. */
    private static double[] eliminate(double[][] matrix) {
        for (int i = 0; i < 3; i++) {
            for (int k = i + 1; k < 3; k++) {
                double factor = matrix[k][i] / matrix[i][i];
                for (int j = i; j < 4; j++) {
                    matrix[k][j] -= factor * matrix[i][j];
                }
            }
        }
        var solution = new double[3];
        for (int i = 2; i >= 0; i--) {
            double rest = matrix[i][3];
            for (int j = i + 1; j < 3; j++) {
                rest -= matrix[i][j] * solution[j];
            }
            solution[i] = rest / matrix[i][i];
        }
        return solution;
    }
}
