package dev.workerfarm.cli;

/** Checks what a person typed before anything is started for it. Stateless. */
final class Usage {
    static final int MOST_WORKERS = 1024; // as many worker processes as a farm may have

    private Usage() {}

    /** Whether a number is within these bounds; one line on standard error where it is not. */
    static boolean isWithin(String command, String option, int value, int least, int most) {
        if (value >= least && value <= most) {
            return true;
        }
        System.err.println(command + ": " + option + ": " + value + " is not within " + least + " to " + most);
        return false;
    }
}
