"""What several places share: skies, clouds, hills, water, trees and houses."""
