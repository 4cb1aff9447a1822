package dev.workerfarm.lab.bench;

import java.io.IOException;
import java.util.List;
import java.util.Map;

/**
 * One kind of work, done by the farm and by others in turns.
 *
 * @param unit of the figures
 * @param moreIsBetter whether the unit is a rate and not a time
 * @param figures the names of what each measurement gives, in order
 * @param contestants by name, in the order in which they are measured; the first is the farm
 */
record Work(String name, String unit, boolean moreIsBetter, List<String> figures, Map<String, Contestant> contestants) {
    static final String FARM = "farm";

    /** Does the work once, checks every result, and returns the figures. Throws where a result is wrong. */
    interface Contestant {
        double[] measure() throws IOException, InterruptedException;
    }
}
