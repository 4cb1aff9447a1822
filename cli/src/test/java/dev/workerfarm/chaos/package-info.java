/** The storm. A package whose name comes first: the storm takes longest, and classes are run in the order of names. */
@org.jspecify.annotations.NullMarked
package dev.workerfarm.chaos;
