package dev.workerfarm.redis;

/**
 * Which attempt of which task message: within it a call's index tells the items of a map apart.
 *
 * @param id the message's id, a task's or a chunk's
 * @param generation how often it was replayed from the dead letters
 * @param attempt attempts before this one
 */
public record TaskRun(String id, int generation, int attempt) {
    public String field(int index) {
        return generation + "." + attempt + "." + index;
    }
}
