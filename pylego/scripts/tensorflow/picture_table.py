"""More of `tf.image`: a table like those in `tables`."""

from __future__ import annotations

PICTURES = """
    adjust_gamma(image, gamma=1, gain=1) = gain * image ** gamma
    adjust_hue(image, delta) = with_hue(image, delta)
    adjust_saturation(image, saturation_factor) = with_saturation(image, saturation_factor)
    combined_non_max_suppression(boxes, scores, max_output_size_per_class, max_total_size, \
iou_threshold=0.5, score_threshold=float("-inf"), pad_per_class=False, clip_boxes=True) = \
kept_of_each(boxes, scores, max_output_size_per_class, max_total_size, iou_threshold, \
score_threshold, clip_boxes)
    crop_and_resize(image, boxes, box_indices, crop_size, method="bilinear") = \
crops(image, boxes, box_indices, crop_size, method)
    extract_patches(images, sizes, strides, rates, padding) = \
patches_of(images, sizes, strides, rates, padding)
    hsv_to_rgb(images) = image.hsv_to_rgb(images)
    non_max_suppression(boxes, scores, max_output_size, iou_threshold=0.5, \
score_threshold=float("-inf")) = \
kept_boxes(boxes, scores, max_output_size, iou_threshold, score_threshold)
    pad_to_bounding_box(image, offset_height, offset_width, target_height, target_width) = \
bordered(image, offset_height, offset_width, target_height, target_width)
    psnr(a, b, max_val) = signal_to_noise(a, b, max_val)
    random_hue(image, max_delta, seed=None) = with_hue(image, drawn(-max_delta, max_delta, seed))
    random_saturation(image, lower, upper, seed=None) = \
with_saturation(image, drawn(lower, upper, seed))
    resize_with_crop_or_pad(image, target_height, target_width) = \
fitted(image, target_height, target_width)
    resize_with_pad(image, target_height, target_width, method="bilinear", antialias=False) = \
resized(image, (target_height, target_width), method, antialias, False, True)
    rgb_to_hsv(images) = image.rgb_to_hsv(images)
    rgb_to_yuv(images) = to_yuv(images)
    sobel_edges(image) = edges_of(image)
    ssim(img1, img2, max_val, filter_size=11, filter_sigma=1.5, k1=0.01, k2=0.03) = \
image.ssim(img1, img2, max_val, filter_size, filter_sigma, k1, k2)
    stateless_random_brightness(image, max_delta, seed) = \
image + drawn(-max_delta, max_delta, one_seed(seed))
    stateless_random_contrast(image, lower, upper, seed) = \
with_contrast(image, drawn(lower, upper, one_seed(seed)))
    stateless_random_crop(value, size, seed) = cut_anywhere(value, size, one_seed(seed))
    stateless_random_flip_left_right(image, seed) = flipped(image, -2, one_seed(seed))
    stateless_random_flip_up_down(image, seed) = flipped(image, -3, one_seed(seed))
    stateless_random_hue(image, max_delta, seed) = \
with_hue(image, drawn(-max_delta, max_delta, one_seed(seed)))
    stateless_random_saturation(image, lower, upper, seed) = \
with_saturation(image, drawn(lower, upper, one_seed(seed)))
    transpose(image) = swapaxes(image, -3, -2)
    yuv_to_rgb(images) = to_rgb(images)
"""
