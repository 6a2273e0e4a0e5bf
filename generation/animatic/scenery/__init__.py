"""Elements shared by several places: skies, clouds, hills, water, trees and houses."""
