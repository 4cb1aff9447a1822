package dev.workerfarm.lab.bench;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What was measured on this machine, a row for each figure of each contestant. */
public record Report(Map<String, Object> machine, List<Row> rows) {
    /**
     * One figure of all rounds.
     *
     * @param farm the farm's median as a part of this one's, so that more is better; null: this is the farm's, or there is none
     */
    public record Row(
            String work,
            String figure,
            String unit,
            String contestant,
            double median,
            double least,
            double greatest,
            int rounds,
            @Nullable Double farm) {
        static Row of(Work work, int figure, String contestant, double[] values, @Nullable Double farmMedian) {
            var sorted = values.clone();
            Arrays.sort(sorted);
            var last = sorted.length - 1;
            var median = (sorted[last / 2] + sorted[sorted.length / 2]) / 2;
            var part = farmMedian == null ? null : work.moreIsBetter() ? farmMedian / median : median / farmMedian;
            return new Row(
                    work.name(),
                    work.figures().get(figure),
                    work.unit(),
                    contestant,
                    median,
                    sorted[0],
                    sorted[last],
                    sorted.length,
                    part);
        }

        Map<String, @Nullable Object> fields() {
            Map<String, @Nullable Object> fields = new LinkedHashMap<>();
            fields.put("work", work);
            fields.put("figure", figure);
            fields.put("unit", unit);
            fields.put("who", contestant);
            fields.put("median", median);
            fields.put("least", least);
            fields.put("greatest", greatest);
            fields.put("rounds", (long) rounds);
            fields.put("farmRatio", farm);
            return fields;
        }
    }

    /** A table for people. */
    public List<String> lines() {
        List<String> lines = new ArrayList<>();
        lines.add(String.format(
                Locale.ROOT,
                "%-22s %-6s %-18s %12s %25s  %s",
                "WORK",
                "",
                "WHO",
                "MEDIAN",
                "LEAST TO GREATEST",
                "FARM/WHO"));
        var before = "";
        for (var row : rows) {
            var name = row.work() + row.figure();
            var isNew = !name.equals(before);
            before = name;
            lines.add(String.format(
                    Locale.ROOT,
                    "%-22s %-6s %-18s %12s %25s  %s",
                    isNew ? row.work() : "",
                    isNew ? row.figure() : "",
                    row.contestant(),
                    number(row.median()) + " " + row.unit(),
                    number(row.least()) + " to " + number(row.greatest()),
                    row.farm() == null ? "" : String.format(Locale.ROOT, "%.2f", row.farm())));
        }
        return lines;
    }

    private static String number(double value) {
        return value >= 1_000_000
                ? String.format(Locale.ROOT, "%.2f M", value / 1_000_000)
                : value >= 100 ? String.format(Locale.ROOT, "%,.0f", value) : String.format(Locale.ROOT, "%.3f", value);
    }

    /** For machines, to be written as JSON. */
    public Map<String, Object> fields() {
        Map<String, Object> fields = new LinkedHashMap<>(machine);
        fields.put("results", rows.stream().map(Row::fields).toList());
        return fields;
    }
}
